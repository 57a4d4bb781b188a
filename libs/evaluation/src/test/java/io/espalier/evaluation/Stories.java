package io.espalier.evaluation;

import ai.djl.Device;
import io.espalier.model.forward.Model;
import io.espalier.model.text.Tokenizer;
import java.nio.file.Path;

/** The trained toy model of the examples: 5 layers, 8 query and 4 key-value heads, 512 positions, 512 tokens. */
public final class Stories {
    public static final Path FOLDER = Path.of("../../examples/models/stories");

    private Stories() {}

    public static Model model() {
        return Model.streamed(FOLDER, Device.cpu());
    }

    public static Tokenizer tokenizer() {
        return Tokenizer.open(FOLDER);
    }
}
