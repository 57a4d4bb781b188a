package io.espalier.model.forward;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Holds the last checkpoint of a pass over blocks, and says when a new one is worth its time. */
public interface PassKeeper {
    /** Fills a checkpoint. */
    @FunctionalInterface
    interface Writer {
        /** @param folder empty */
        void write(Path folder) throws IOException;
    }

    /** Keeps nothing. */
    PassKeeper NONE = new PassKeeper() {
        @Override
        public Optional<Path> last() {
            return Optional.empty();
        }

        @Override
        public void refused(String reason) {}

        @Override
        public boolean wants(long bytes) {
            return false;
        }

        @Override
        public void keep(Writer writer) {
            throw new IllegalStateException("nothing was wanted");
        }
    };

    /** What an earlier attempt at the same work had kept last: a folder, not to be changed. */
    Optional<Path> last();

    /** What was kept last is of no use: the pass begins anew. */
    void refused(String reason);

    /** Asked between two blocks: whether a checkpoint of so many bytes is wanted now. */
    boolean wants(long bytes);

    /** Keeps a checkpoint, instead of the one before. */
    void keep(Writer writer);
}
