package io.espalier.model.forward;

import java.io.IOException;
import java.nio.file.Path;

/** What a visitor of a pass carries from block to block, beside what stands at the boundaries. */
public interface Carried {
    /** The visitor carries nothing. */
    Carried NOTHING = new Carried() {
        @Override
        public long bytes() {
            return 0;
        }

        @Override
        public void save(Path folder) {}

        @Override
        public void restore(Path folder) {}
    };

    long bytes();

    /** Writes files into a folder in which those of the pass lie too. */
    void save(Path folder) throws IOException;

    /**
     * Becomes what was saved; where that fails, nothing has changed.
     *
     * @throws io.espalier.model.config.InvalidCheckpointException if it is not what {@link #save} writes
     */
    void restore(Path folder) throws IOException;
}
