package io.espalier.pruning.recovery;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.espalier.model.config.DType;
import io.espalier.model.weights.SafetensorsFile;
import io.espalier.model.weights.SafetensorsWriter;
import io.espalier.model.weights.TensorHeader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * All that a run needs to go on as if it had never stopped: adapters, their AdamW means, the best adapters so far and the
 * {@link TrainingProgress}. Batches and dropout follow from seed and step, so there is no other position and no random
 * state. As a checkpoint: {@code progress.json} and {@code adapters.safetensors} in a folder.
 */
final class TrainingState {
    private static final String PROGRESS = "progress.json";
    private static final String TENSORS = "adapters.safetensors";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Adapters adapters;
    private final List<float[]> best = new ArrayList<>();
    private TrainingProgress progress;

    TrainingState(Adapters adapters, String data) {
        this.adapters = adapters;
        this.progress = TrainingProgress.start(data);
    }

    Adapters adapters() {
        return adapters;
    }

    TrainingProgress progress() {
        return progress;
    }

    void trained(double loss) {
        progress = progress.trained(loss);
    }

    /** Remembers the adapters where they are the best so far. */
    void validated(double loss) {
        progress = progress.validated(loss);
        if (progress.bestStep() == progress.step()) {
            keepAsBest();
        }
    }

    /** The best adapters become the current ones. */
    void restoreBest() {
        for (int i = 0; i < best.size(); i++) {
            adapters.parameters().get(i).value().set(FloatBuffer.wrap(best.get(i)));
        }
    }

    /** @param folder empty */
    void save(Path folder) throws IOException {
        JSON.writeValue(folder.resolve(PROGRESS).toFile(), progress);
        var headers = new ArrayList<TensorHeader>();
        forEachTensor((name, parameter) -> headers
                .add(new TensorHeader(name, DType.F32, parameter.value().getShape().getShape())));
        try (SafetensorsWriter writer = SafetensorsWriter.create(folder.resolve(TENSORS), headers)) {
            for (int i = 0; i < adapters.parameters().size(); i++) {
                Parameter p = adapters.parameters().get(i);
                writer.append(p.name(), MemorySegment.ofArray(p.value().toFloatArray()));
                writer.append(p.name() + ".mean", MemorySegment.ofArray(p.mean().toFloatArray()));
                writer.append(p.name() + ".variance", MemorySegment.ofArray(p.variance().toFloatArray()));
                if (!best.isEmpty()) {
                    writer.append(p.name() + ".best", MemorySegment.ofArray(best.get(i)));
                }
            }
            writer.commit();
        }
    }

    /**
     * Goes back to where a checkpoint was made.
     *
     * @return false, and nothing has changed, where it belongs to other data
     */
    boolean restore(Path folder) throws IOException {
        TrainingProgress saved = JSON.readValue(Files.readAllBytes(folder.resolve(PROGRESS)), TrainingProgress.class);
        if (!saved.data().equals(progress.data())) {
            return false;
        }
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(TENSORS))) {
            best.clear();
            for (Parameter p : adapters.parameters()) {
                p.value().set(FloatBuffer.wrap(read(file, p.name()).orElseThrow()));
                p.mean().set(FloatBuffer.wrap(read(file, p.name() + ".mean").orElseThrow()));
                p.variance().set(FloatBuffer.wrap(read(file, p.name() + ".variance").orElseThrow()));
                read(file, p.name() + ".best").ifPresent(best::add);
            }
        }
        progress = saved;
        return true;
    }

    private void keepAsBest() {
        best.clear();
        adapters.parameters().forEach(p -> best.add(p.value().toFloatArray()));
    }

    private void forEachTensor(BiConsumer<String, Parameter> use) {
        for (Parameter p : adapters.parameters()) {
            use.accept(p.name(), p);
            use.accept(p.name() + ".mean", p);
            use.accept(p.name() + ".variance", p);
            if (!best.isEmpty()) {
                use.accept(p.name() + ".best", p);
            }
        }
    }

    private static Optional<float[]> read(SafetensorsFile file, String name) {
        return Optional.ofNullable(file.tensors().get(name))
                .map(info -> file.segment(info).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED));
    }
}
