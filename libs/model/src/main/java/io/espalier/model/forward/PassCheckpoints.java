package io.espalier.model.forward;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.espalier.model.config.InvalidCheckpointException;
import io.espalier.model.weights.SafetensorsFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Lets one pass over blocks go on where an earlier one had stopped, with the same result to the last bit. A checkpoint is a
 * folder: {@code pass.json} says where the pass stood, {@code activations.safetensors} holds what stood at the boundaries
 * of blocks then, and the visitor's files lie beside them. Inside a block nothing is kept.
 */
public final class PassCheckpoints {
    /** The pass always begins anew. */
    public static final PassCheckpoints NONE = new PassCheckpoints(PassKeeper.NONE, "", Carried.NOTHING);

    private static final String POSITION = "pass.json";
    private static final String ACTIVATIONS = "activations.safetensors";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final PassKeeper keeper;
    private final String pass;
    private final Carried carried;

    private record Saved(String pass, boolean backward, int layer, double value) {}

    /**
     * @param pass names everything that the pass's numbers depend on, micro-batches included: checkpoints of other names are
     *             refused
     */
    public PassCheckpoints(PassKeeper keeper, String pass, Carried carried) {
        this.keeper = keeper;
        this.pass = pass;
        this.carried = carried;
    }

    /**
     * Fills a store with what stood there at the last checkpoint, and gives the visitor back what it carried.
     *
     * @param store  empty, and so it stays where there is no checkpoint of use
     * @param layers of the model
     */
    Optional<PassPosition> resume(ActivationStore store, int layers) {
        Optional<Path> last = keeper.last();
        if (last.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(restore(last.get(), store, layers));
        } catch (IOException | UncheckedIOException | IllegalArgumentException | InvalidCheckpointException e) {
            store.clear();
            keeper.refused(String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private PassPosition restore(Path folder, ActivationStore store, int layers) throws IOException {
        Saved saved = saved(folder.resolve(POSITION));
        if (!pass.equals(saved.pass())) {
            throw new InvalidCheckpointException("it was made by another pass, or in other micro-batches");
        }
        if (saved.layer() < 0 || saved.layer() > layers) {
            throw new InvalidCheckpointException("it stands at layer " + saved.layer() + " of " + layers);
        }
        try (SafetensorsFile activations = SafetensorsFile.open(folder.resolve(ACTIVATIONS))) {
            store.restore(activations);
        }
        carried.restore(folder);
        return new PassPosition(saved.backward(), saved.layer(), saved.value());
    }

    private static Saved saved(Path file) throws IOException {
        try {
            return JSON.readValue(Files.readAllBytes(file), Saved.class);
        } catch (JsonProcessingException e) {
            throw new InvalidCheckpointException(file + ": " + e.getOriginalMessage(), e);
        }
    }

    /** All micro-batches stand between two blocks: a checkpoint is written where one is wanted. */
    void reached(PassPosition position, ActivationStore store) {
        if (keeper.wants(store.bytes() + carried.bytes())) {
            keeper.keep(folder -> {
                JSON.writeValue(folder.resolve(POSITION).toFile(),
                        new Saved(pass, position.backward(), position.layer(), position.value()));
                store.save(folder.resolve(ACTIVATIONS));
                carried.save(folder);
            });
        }
    }
}
