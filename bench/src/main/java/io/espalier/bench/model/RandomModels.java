package io.espalier.bench.model;

import io.espalier.cli.request.UsageException;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.weights.RandomCheckpoint;
import io.espalier.report.Figures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.function.Consumer;

/**
 * Checkpoints with random weights, made when they are first asked for: the same bytes on every machine. Their tokenizer is
 * that of the example model (512 tokens), whatever the size of their vocabulary.
 */
public final class RandomModels {
    private static final long SEED = 1;
    private static final String CONFIG = "config.json";

    private final Path home;
    private final Path folder;
    private final Consumer<String> notice;

    /**
     * @param home   the repository root
     * @param folder where the models are kept
     */
    public RandomModels(Path home, Path folder, Consumer<String> notice) {
        this.home = home;
        this.folder = folder;
        this.notice = notice;
    }

    /**
     * A checkpoint of that shape.
     *
     * @param shape name below {@code tools/random-models}, or a folder with {@code config.json}
     */
    public Path get(String shape) throws IOException, UsageException {
        Path source = source(shape);
        Path model = folder.resolve(source.getFileName());
        Path done = model.resolve("done");
        if (Files.notExists(done)) {
            ModelConfig config = ModelConfig.read(source);
            notice.accept("making " + shape + ": " + Figures.count(config.parameters()) + " random parameters, "
                    + Figures.bytes(config.bytes()));
            RandomCheckpoint.write(withTokenizer(source, model), model, SEED);
            Files.writeString(done, "");
        }
        return model;
    }

    /** The folder that holds a shape's {@code config.json}. */
    public Path config(String shape) throws UsageException {
        return source(shape);
    }

    private Path source(String shape) throws UsageException {
        Path named = home.resolve("tools/random-models").resolve(shape);
        Path source = Files.isDirectory(named) ? named : Path.of(shape).toAbsolutePath();
        if (Files.notExists(source.resolve(CONFIG))) {
            throw new UsageException("--shape " + shape + ": no folder with a config.json, here or below "
                    + named.getParent());
        }
        return source;
    }

    /** A folder with the shape's config and a tokenizer. */
    private Path withTokenizer(Path source, Path model) throws IOException {
        Path together = Files.createDirectories(model.resolveSibling(model.getFileName() + "-source"));
        Path example = home.resolve("examples/models/stories");
        for (String name : new String[]{"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"}) {
            Path own = source.resolve(name);
            Files.copy(Files.exists(own) ? own : example.resolve(name), together.resolve(name),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        Files.copy(source.resolve(CONFIG), together.resolve(CONFIG), StandardCopyOption.REPLACE_EXISTING);
        return together;
    }
}
