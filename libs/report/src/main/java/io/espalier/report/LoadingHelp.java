package io.espalier.report;

import java.util.List;

/** The part of a model card that says what loads each format, with the commands; docs/serving.md says more. */
final class LoadingHelp {
    private LoadingHelp() {}

    static String of(List<Report.Export> exports) {
        StringBuilder text = new StringBuilder("## Load it\n\n");
        for (Report.Export export : exports) {
            text.append("**").append(export.format()).append("**: ").append(how(export)).append("\n\n");
            if (export.note() != null) {
                text.append("Note: ").append(export.note()).append(".\n\n");
            }
        }
        return text.append("Each was read back by Espalier and gave the model's own logits; the differences stand in "
                + "`report.json` under `exports`.\n\n").toString();
    }

    private static String how(Report.Export export) {
        if (export.format().startsWith("gguf")) {
            return "llama.cpp and what embeds it.\n\n```\nllama-cli -m " + export.files().getFirst() + "\n```";
        }
        String folder = folder(export);
        boolean code = export.files().stream().anyMatch(file -> file.contains("modeling_"));
        if (export.format().equals("hf-nemotron-nas")) {
            return "DeciLM, for vLLM, SGLang, TensorRT-LLM and mlx-lm; transformers with the code in the folder.\n\n"
                    + "```\nvllm serve " + folder + " --trust-remote-code\n```\n\n" + python(folder, true);
        }
        if (code) {
            return "layers have different widths; transformers builds them with the modelling file in the folder.\n\n"
                    + python(folder, true);
        }
        boolean stock = export.note() == null || export.format().equals("padded");
        return stock ? "every loader of this family.\n\n" + python(folder, false) : "a folder for Espalier.";
    }

    /** Where the format lies in the model folder. */
    private static String folder(Report.Export export) {
        boolean own = export.files().stream().allMatch(file -> file.startsWith(export.format() + "/"));
        return own ? "./" + export.format() : ".";
    }

    private static String python(String folder, boolean code) {
        return "```python\nfrom transformers import AutoModelForCausalLM\nmodel = AutoModelForCausalLM.from_pretrained(\""
                + folder + "\"" + (code ? ", trust_remote_code=True" : "") + ")\n```";
    }
}
