package io.espalier.bench.python;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.bench.process.Child;
import io.espalier.cli.request.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An interpreter that imports torch. Scripts lie in {@code bench/src/main/python}; each takes one JSON object as its
 * argument and prints one as its last line.
 */
public final class Python {
    private static final String NONE = "none";
    private static final String VARIABLE = "ESPALIER_PYTHON";

    private final String interpreter;
    private final Path scripts;

    private Python(String interpreter, Path scripts) {
        this.interpreter = interpreter;
        this.scripts = scripts;
    }

    /**
     * The interpreter asked for, or {@code python3} where it imports torch.
     *
     * @param wanted path, {@code none}, or null to look for one
     * @param home   the repository root
     * @throws UsageException if the one asked for does not import torch
     */
    public static Optional<Python> find(String wanted, Path home) throws IOException, UsageException,
            InterruptedException {
        if (NONE.equals(wanted)) {
            return Optional.empty();
        }
        boolean asked = wanted != null && !wanted.isBlank();
        var python = new Python(asked ? wanted : "python3", home.resolve("bench/src/main/python"));
        if (python.importsTorch()) {
            return Optional.of(python);
        }
        if (asked) {
            throw new UsageException("--python (or " + VARIABLE + ") " + wanted + " does not import torch");
        }
        return Optional.empty();
    }

    /**
     * Runs a script and returns what it found.
     *
     * @throws IOException with the end of its error output if it fails
     */
    public JsonNode run(String script, ObjectNode arguments, int threads) throws IOException, InterruptedException {
        return Child.run(List.of(interpreter, scripts.resolve(script).toString(), arguments.toString()),
                environment(threads));
    }

    private static Map<String, String> environment(int threads) {
        return Map.of("OMP_NUM_THREADS", Integer.toString(threads), "TRANSFORMERS_VERBOSITY", "error",
                "HF_HUB_OFFLINE", "1", "TOKENIZERS_PARALLELISM", "false");
    }

    private boolean importsTorch() throws InterruptedException {
        try {
            return new ProcessBuilder(interpreter, "-c", "import torch")
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start().waitFor() == 0;
        } catch (IOException e) {
            return false; // no such interpreter
        }
    }
}
