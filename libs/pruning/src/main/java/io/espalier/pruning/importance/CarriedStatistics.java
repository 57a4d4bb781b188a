package io.espalier.pruning.importance;

import io.espalier.model.forward.Carried;
import java.nio.file.Path;

/** Statistics that grow from block to block, as what a pass carries. */
public record CarriedStatistics(Statistics statistics) implements Carried {
    private static final String FILE = "statistics.safetensors";

    @Override
    public long bytes() {
        return statistics.bytes();
    }

    @Override
    public void save(Path folder) {
        statistics.write(folder.resolve(FILE));
    }

    @Override
    public void restore(Path folder) {
        statistics.restore(folder.resolve(FILE));
    }
}
