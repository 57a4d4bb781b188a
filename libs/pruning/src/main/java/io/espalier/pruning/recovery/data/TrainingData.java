package io.espalier.pruning.recovery.data;

import io.espalier.pruning.recovery.LoraSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/**
 * Examples of a run, split by its seed.
 *
 * @param validation held out: as many as asked for, but at most a tenth
 * @param dropped    examples left out because their prompt alone fills the length
 */
public record TrainingData(List<Example> train, List<Example> validation, int dropped) {
    private static final int LARGEST_VALIDATION_SHARE = 10;

    /** Hears how far the reading is. */
    @FunctionalInterface
    public interface Progress {
        /** @param examples made so far */
        void read(int examples) throws InterruptedException;
    }

    public TrainingData {
        train = List.copyOf(train);
        validation = List.copyOf(validation);
    }

    /**
     * Reads a data file; where the run has a fixed number of steps, no further than it needs.
     *
     * @throws InvalidDataException where the file cannot be trained on
     */
    public static TrainingData read(Path file, Encoder encoder, LoraSettings settings, Progress progress)
            throws IOException, InterruptedException {
        var examples = new ArrayList<Example>();
        var maker = new ExampleMaker(encoder, settings.maxLength(), settings.trainOnInputs(), examples::add);
        long needed = needed(settings);
        new DataFile(file).read(document -> {
            maker.add(document);
            progress.read(examples.size());
            return examples.size() < needed;
        });
        maker.finish();
        return split(file, examples, maker.dropped(), settings);
    }

    /** SHA-256 over all examples and their order: two runs with the same digest and settings see the same batches. */
    public String digest() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (List<Example> part : List.of(train, validation)) {
                digest.update(ints(part.size()));
                for (Example example : part) {
                    digest.update(ints(example.length(), example.prompt()));
                    digest.update(ints(example.tokens()));
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static TrainingData split(Path file, List<Example> examples, int dropped, LoraSettings settings) {
        int held = Math.min(settings.validation(), Math.max(1, examples.size() / LARGEST_VALIDATION_SHARE));
        if (examples.size() <= held) {
            throw new InvalidDataException(file + ": " + examples.size() + " examples of at most "
                    + settings.maxLength() + " tokens are too few to train on"
                    + (dropped > 0 ? " (" + dropped + " were dropped: their prompts alone fill the length)" : ""));
        }
        Collections.shuffle(examples, new Random(settings.seed()));
        return new TrainingData(examples.subList(held, examples.size()), examples.subList(0, held), dropped);
    }

    private static long needed(LoraSettings settings) {
        return settings.steps() == null
                ? Long.MAX_VALUE
                : settings.validation() + (long) settings.steps() * settings.batch();
    }

    private static byte[] ints(int... values) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * Integer.BYTES);
        buffer.asIntBuffer().put(values);
        return buffer.array();
    }
}
