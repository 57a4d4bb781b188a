package io.espalier.model.export;

import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.UnsupportedModelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Every value of {@code output.formats}. A result folder may hold several: the first that is a checkpoint folder of its own
 * lies in the model folder itself, further ones in folders of their names in it, files in the model folder.
 */
public final class ExportFormats {
    /** What a model folder is if no format says otherwise. */
    public static final String HUGGING_FACE = "hf";

    private static final PerLayerFormat PER_LAYER = new PerLayerFormat();
    private static final List<ExportFormat> ALL = List.of(new PlainFormat(PER_LAYER), PER_LAYER,
            new NemotronNasFormat(), new PaddedFormat(), new GgufExport(null), new GgufExport(GgufWriter.Type.F32),
            new GgufExport(GgufWriter.Type.F16), new GgufExport(GgufWriter.Type.BF16),
            new GgufExport(GgufWriter.Type.Q8_0));

    private ExportFormats() {}

    /** @throws UnsupportedModelException where there is no such format */
    public static ExportFormat of(String name) {
        return ALL.stream().filter(f -> f.name().equals(name)).findFirst()
                .orElseThrow(() -> new UnsupportedModelException("output.formats: '" + name
                        + "' is not known; known are " + String.join(", ", names())));
    }

    /** All of them, as a request spells them. */
    public static List<String> names() {
        return ALL.stream().map(ExportFormat::name).collect(Collectors.toList());
    }

    /**
     * The formats of a result folder, what lies in the model folder itself first; {@value #HUGGING_FACE} is added where no
     * other is a checkpoint folder.
     */
    public static List<ExportFormat> inOrder(List<String> names) {
        List<ExportFormat> formats = names.stream().map(ExportFormats::of).toList();
        List<ExportFormat> folders = formats.stream().filter(ExportFormat::isFolder).toList();
        List<ExportFormat> files = formats.stream().filter(f -> !f.isFolder()).toList();
        return java.util.stream.Stream.of(folders.isEmpty() ? List.of(of(HUGGING_FACE)) : folders, files)
                .flatMap(List::stream).toList();
    }

    /**
     * Refuses what a format cannot hold.
     *
     * @param config as the result will be, as far as it is known
     * @param folder of the tokenizer; not looked at where it has none
     * @throws UnsupportedModelException naming the format, what does not fit and what would
     */
    public static void check(List<String> names, ModelConfig config, Path folder) {
        boolean tokenizer = Files.exists(folder.resolve("tokenizer.json"));
        for (String name : names) {
            of(name).check(config);
            if (tokenizer) {
                of(name).checkTokenizer(folder, config);
            }
        }
    }
}
