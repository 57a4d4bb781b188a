package io.espalier.model.export;

import ai.djl.Device;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.UnsupportedModelException;
import io.espalier.model.forward.Model;
import io.espalier.model.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;

/** A format a finished checkpoint can be written in. */
public interface ExportFormat {
    /** As it stands in {@code output.formats}. */
    String name();

    /** Whether it is a checkpoint folder with a {@code config.json} of its own: of these a folder holds one. */
    boolean isFolder();

    /**
     * Whether the format can hold a model of this shape; told before any work is done.
     *
     * @throws UnsupportedModelException with what exactly does not fit and which request makes it fit
     */
    void check(ModelConfig config);

    /**
     * Whether the format can hold the tokenizer in this folder.
     *
     * @throws UnsupportedModelException with what exactly does not fit
     */
    default void checkTokenizer(Path folder, ModelConfig config) {}

    /**
     * What else a request should say so that the result is as good as it can be in this format, for people; empty where it
     * says so already.
     *
     * @param original        what is going to be pruned
     * @param uniform         {@code shape.uniform}
     * @param channelMultiple {@code shape.channelMultiple}
     */
    String advice(ModelConfig original, boolean uniform, int channelMultiple);

    /** What there is to say about a model of this shape in this format, for people; empty where there is nothing. */
    default String note(ModelConfig config) {
        return "";
    }

    /** Writes into an existing folder; a file format beside what lies there. */
    void write(Checkpoint checkpoint, Path folder) throws IOException;

    /** Reads back what {@link #write} left in the folder, one block at a time. */
    Model open(Path folder, ModelConfig written, Device device);

    /** How far the logits of what was written may be from the checkpoint's; see {@link LoadCheck#relativeError()}. */
    double tolerance(ModelConfig config);
}
