package io.espalier.pruning.surgery;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.model.config.Axis;
import io.espalier.model.config.DType;
import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.Role;
import io.espalier.model.config.TensorSpec;
import io.espalier.model.weights.Checkpoint;
import io.espalier.model.weights.CheckpointWriter;
import io.espalier.model.weights.Narrowing;
import io.espalier.model.weights.SideFiles;
import io.espalier.model.weights.TensorHeader;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.method.Progress;
import io.espalier.pruning.plan.LayerPlan;
import io.espalier.pruning.plan.PruningPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Writes the checkpoint that a plan leaves: tensor by tensor from the original's memory map to the new file, in the
 * stored type and bit for bit (except where a {@link WeightUpdate} says otherwise), so that memory does not grow with
 * the model. What goes with the weights (tokenizer, generation config, licence) is copied.
 */
public final class Slicer {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Checkpoint original;
    private final ModelConfig config;
    private final PruningPlan plan;
    private final KeptIndices kept;

    public Slicer(Checkpoint original, PruningPlan plan) {
        this.original = original;
        this.config = original.config();
        this.plan = plan;
        this.kept = new KeptIndices(ModelShape.of(config), plan);
        check();
    }

    /**
     * @param folder     an empty folder
     * @param shardBytes weights beyond this size start another file
     */
    public void write(Path folder, WeightUpdate update, long shardBytes, Progress progress)
            throws IOException, InterruptedException {
        SideFiles.copy(original.folder(), folder);
        List<Cut> cuts = cuts();
        try (CheckpointWriter writer = CheckpointWriter.create(folder, cuts.stream().map(Cut::header).toList(),
                shardBytes)) {
            Map<Role, NDArray> updated = Map.of();
            LayerPlan current = null;
            for (int i = 0; i < cuts.size(); i++) {
                Cut cut = cuts.get(i);
                if (cut.layer() != current) {
                    progress.at((double) i / cuts.size(), null);
                    current = cut.layer();
                    updated = current == null ? Map.of() : update.of(current);
                }
                write(writer, cut, updated);
            }
            writer.commit();
        }
        writeJson(folder.resolve("config.json"), new PrunedConfig(config, plan).json());
        writeJson(folder.resolve(ModelConfig.MANIFEST), manifest());
        progress.at(1, null);
    }

    /**
     * A tensor of the original and what becomes of it.
     *
     * @param layer null outside the blocks
     */
    private record Cut(TensorSpec tensor, LayerPlan layer, TensorHeader header, TensorCut cut) {}

    private List<Cut> cuts() {
        ModelConfig pruned = config.withLayers(plan.layers().stream().map(LayerPlan::shape).toList());
        List<Cut> cuts = new ArrayList<>();
        for (TensorSpec now : pruned.tensors()) {
            LayerPlan layer = now.layer() < 0 ? null : plan.layers().get(now.layer());
            cuts.add(cut(counterpart(now, layer == null ? -1 : layer.layer()), layer, now.name()));
        }
        return cuts;
    }

    /** The tensor of the original that one of the pruned model comes from. */
    private TensorSpec counterpart(TensorSpec now, int layer) {
        Role role = now.parts().getFirst().role();
        List<TensorSpec> candidates = layer < 0 ? config.tensors() : config.layerTensors(layer);
        return candidates.stream().filter(old -> old.layer() == layer && old.holds(role)).findFirst().orElseThrow();
    }

    private Cut cut(TensorSpec tensor, LayerPlan layer, String name) {
        int[] rows = tensor.parts().stream()
                .flatMapToInt(part -> IntStream.of(kept.along(part.role().axes().getFirst(), layer))
                        .map(row -> Math.toIntExact(part.offset()) + row))
                .toArray();
        Axis columns = tensor.columns();
        var cut = new TensorCut(rows, columns == null ? null : kept.along(columns, layer));
        return new Cut(tensor, layer, new TensorHeader(name, dtype(tensor), cut.shape()), cut);
    }

    private DType dtype(TensorSpec tensor) {
        return original.info(tensor).dtype();
    }

    private void write(CheckpointWriter writer, Cut cut, Map<Role, NDArray> updated) {
        String name = cut.header().name();
        Role role = cut.tensor().parts().getFirst().role();
        if (cut.tensor().parts().size() == 1 && updated.containsKey(role)) {
            writer.append(name, Narrowing.toBytes(updated.get(role), dtype(cut.tensor())));
            return;
        }
        cut.cut().copy(original.segment(cut.tensor()), original.info(cut.tensor()).rowElements(),
                dtype(cut.tensor()).bytes(), piece -> writer.append(name, piece));
        original.unload(cut.tensor());
    }

    private ObjectNode manifest() {
        ObjectNode manifest = JSON.valueToTree(plan);
        if (plan.keptHidden() != null) {
            manifest.put("hiddenSize", plan.keptHidden().size());
        }
        return manifest;
    }

    private static void writeJson(Path file, ObjectNode json) throws IOException {
        Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
    }

    /** A plan for another model must not be applied: the result would be silently wrong. */
    private void check() {
        for (LayerPlan layer : plan.layers()) {
            if (layer.layer() >= config.layers().size()) {
                throw new IllegalArgumentException("the plan keeps layer " + layer.layer() + ", but "
                        + original.folder() + " has layers 0.." + (config.layers().size() - 1));
            }
            LayerShape widths = config.layers().get(layer.layer());
            checkBelow(layer.keptKvGroups(), widths.kvHeads(), "KV groups of layer " + layer.layer());
            checkBelow(layer.keptChannels(), widths.channels(), "channels of layer " + layer.layer());
        }
        if (plan.keptHidden() != null) {
            checkBelow(plan.keptHidden(), config.hiddenSize(), "hidden dimensions");
        }
    }

    private void checkBelow(List<Integer> indices, int count, String what) {
        if (!indices.isEmpty() && indices.getLast() >= count) {
            throw new IllegalArgumentException("the plan keeps number " + indices.getLast() + " of the " + count + " "
                    + what + " of " + original.folder());
        }
    }
}
