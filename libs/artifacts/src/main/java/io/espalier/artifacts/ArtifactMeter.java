package io.espalier.artifacts;

/** Is told how many bytes go in and out of a store; called from any thread. */
public interface ArtifactMeter {
    /** Counts nothing. */
    ArtifactMeter NONE = new ArtifactMeter() {
        @Override
        public void written(long bytes) {}

        @Override
        public void read(long bytes) {}
    };

    void written(long bytes);

    void read(long bytes);
}
