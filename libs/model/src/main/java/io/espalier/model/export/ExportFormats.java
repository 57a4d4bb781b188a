package io.espalier.model.export;

import io.espalier.model.config.UnsupportedModelException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Every value of {@code output.formats}. */
public final class ExportFormats {
    /** The folder itself is a Hugging Face checkpoint: nothing is added. */
    public static final String HUGGING_FACE = "hf";

    private static final List<ExportFormat> ALL = List.of(GgufExport.asStored(), GgufExport.q8());

    private ExportFormats() {}

    /**
     * @return empty for {@value #HUGGING_FACE}
     * @throws UnsupportedModelException where there is no such format
     */
    public static Optional<ExportFormat> of(String name) {
        if (name.equals(HUGGING_FACE)) {
            return Optional.empty();
        }
        return Optional.of(ALL.stream().filter(f -> f.name().equals(name)).findFirst()
                .orElseThrow(() -> new UnsupportedModelException("output.formats: '" + name
                        + "' is not known; known are " + names())));
    }

    private static String names() {
        return Stream.concat(Stream.of(HUGGING_FACE), ALL.stream().map(ExportFormat::name))
                .collect(Collectors.joining(", "));
    }
}
