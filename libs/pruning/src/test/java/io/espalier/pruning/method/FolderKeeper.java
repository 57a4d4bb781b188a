package io.espalier.pruning.method;

import io.espalier.model.forward.PassKeeper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Keeps a checkpoint at every boundary of blocks, all of them. */
final class FolderKeeper implements PassKeeper {
    private final Path parent;
    private final Path last;
    private final List<Path> kept = new ArrayList<>();
    private final List<Long> announced = new ArrayList<>();
    private final List<String> refused = new ArrayList<>();

    /**
     * @param parent of what is kept; null keeps nothing
     * @param last   what an earlier attempt has kept, or null
     */
    FolderKeeper(Path parent, Path last) {
        this.parent = parent;
        this.last = last;
    }

    List<Path> kept() {
        return kept;
    }

    /** Bytes of each, as they were announced. */
    List<Long> announced() {
        return announced;
    }

    List<String> refusals() {
        return refused;
    }

    @Override
    public Optional<Path> last() {
        return Optional.ofNullable(last);
    }

    @Override
    public void refused(String reason) {
        refused.add(reason);
    }

    @Override
    public boolean wants(long bytes) {
        if (parent != null) {
            announced.add(bytes);
        }
        return parent != null;
    }

    @Override
    public void keep(Writer writer) {
        try {
            Path folder = Files.createDirectories(parent.resolve("checkpoint-" + kept.size()));
            writer.write(folder);
            kept.add(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
