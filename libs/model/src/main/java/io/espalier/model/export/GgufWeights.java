package io.espalier.model.export;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.espalier.model.config.InvalidCheckpointException;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.Role;
import io.espalier.model.config.TensorSpec;
import io.espalier.model.engine.Torch;
import io.espalier.model.weights.WeightSource;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The weights of a GGUF file as the decoder wants them: dequantised to fp32, rotary rows back in halves. What the file says
 * about the model is checked against the model it was made of, so that a run on it proves the file.
 */
final class GgufWeights implements WeightSource {
    private final GgufReader file;
    private final GgufLayout layout;
    private final ModelConfig config;

    private GgufWeights(GgufReader file, GgufLayout layout, ModelConfig config) {
        this.file = file;
        this.layout = layout;
        this.config = config;
    }

    /** @throws InvalidCheckpointException where the file contradicts the model, lacks a tensor or has one too many */
    static GgufWeights open(Path path, GgufLayout layout, ModelConfig written) {
        ModelConfig config = written.withLayers(layout.widths());
        GgufReader file = GgufReader.open(path);
        try {
            new GgufMetadata(layout, config).verify(file);
            var weights = new GgufWeights(file, layout, config);
            config.tensors().forEach(weights::check);
            return weights;
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    @Override
    public ModelConfig config() {
        return config;
    }

    @Override
    public NDArray load(NDManager manager, TensorSpec tensor, Role role) {
        return load(manager, tensor, tensor.part(role), 0, tensor.part(role).rows());
    }

    @Override
    public NDArray load(NDManager manager, TensorSpec tensor, long firstRow, long rows) {
        return load(manager, tensor, whole(tensor), firstRow, rows);
    }

    @Override
    public void readRow(TensorSpec tensor, long row, float[] target, int at) {
        readRow(tensor, whole(tensor), row, target, at);
    }

    @Override
    public void unload(TensorSpec tensor) {
        tensor.parts().forEach(part -> stored(tensor, part).data().unload());
    }

    @Override
    public void close() {
        file.close();
    }

    private NDArray load(NDManager manager, TensorSpec tensor, TensorSpec.Part part, long firstRow, long rows) {
        long[] shape = shape(tensor, part);
        int columns = shape.length == 1 ? 1 : (int) shape[1];
        float[] values = new float[Math.toIntExact(rows * columns)];
        for (int row = 0; row < rows; row++) {
            readRow(tensor, part, firstRow + row, values, row * columns);
        }
        shape[0] = rows;
        return Torch.ofFloats(manager, values, new Shape(shape));
    }

    private void readRow(TensorSpec tensor, TensorSpec.Part part, long row, float[] target, int at) {
        GgufReader.Tensor stored = stored(tensor, part);
        int columns = stored.shape().length == 1 ? 1 : (int) stored.shape()[1];
        int heads = layout.turnedHeads(part.role(), tensor.layer());
        long from = heads == 0 ? row : GgufEncoding.turnedRow(row, (int) (part.rows() / heads));
        GgufEncoding.decode(stored.data(), stored.type(), from * columns, target, at, columns);
    }

    private GgufReader.Tensor stored(TensorSpec tensor, TensorSpec.Part part) {
        return file.tensor(GgufLayout.name(part.role(), tensor.layer()));
    }

    private long[] shape(TensorSpec tensor, TensorSpec.Part part) {
        long[] shape = config.shape(tensor);
        shape[0] = part.rows();
        return shape;
    }

    private void check(TensorSpec tensor) {
        for (TensorSpec.Part part : tensor.parts()) {
            long[] found = stored(tensor, part).shape();
            if (!Arrays.equals(found, shape(tensor, part))) {
                throw new InvalidCheckpointException(file.path() + ": " + GgufLayout.name(part.role(), tensor.layer())
                        + " has the shape " + Arrays.toString(found) + " instead of "
                        + Arrays.toString(shape(tensor, part)));
            }
        }
    }

    private static TensorSpec.Part whole(TensorSpec tensor) {
        if (tensor.parts().size() != 1) {
            throw new IllegalArgumentException(tensor.name() + " is stored in parts");
        }
        return tensor.parts().getFirst();
    }
}
