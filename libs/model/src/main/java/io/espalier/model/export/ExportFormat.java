package io.espalier.model.export;

import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.UnsupportedModelException;
import io.espalier.model.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;

/** A format a finished checkpoint can be written in. */
public interface ExportFormat {
    /** As it stands in {@code output.formats}. */
    String name();

    /**
     * Whether the format can hold a model of this shape; told before any work is done.
     *
     * @throws UnsupportedModelException with what exactly does not fit and which request makes it fit
     */
    void check(ModelConfig config);

    /** Writes into an existing folder, beside what lies there. */
    void write(Checkpoint checkpoint, Path folder) throws IOException;
}
