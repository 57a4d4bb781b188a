package io.espalier.model.export;

import ai.djl.Device;
import io.espalier.model.config.DType;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.TensorSpec;
import io.espalier.model.config.UnsupportedModelException;
import io.espalier.model.forward.Model;
import io.espalier.model.weights.Checkpoint;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One GGUF file for llama.cpp and what embeds it. Uniform models keep their architecture; a LLaMA-like model with
 * different widths per layer becomes {@code deci}, llama.cpp's Llama graph with widths as arrays.
 *
 * <p>
 * Matrices keep their stored type, or become the type that the format names; vectors are F32. The rows of q and k are
 * reordered from transformers' halves to llama.cpp's neighbours where its architecture rotates neighbours, as its own
 * converter does.
 */
final class GgufExport implements ExportFormat {
    private static final double EXACT = 1e-4;

    private final GgufWriter.Type matrices;

    /** @param matrices null for the type they are stored in */
    GgufExport(GgufWriter.Type matrices) {
        this.matrices = matrices;
    }

    @Override
    public String name() {
        return matrices == null ? "gguf" : "gguf-" + matrices.label();
    }

    @Override
    public boolean isFolder() {
        return false;
    }

    /** Name of the file in the folder. */
    String fileName() {
        return matrices == null ? "model.gguf" : "model-" + matrices.label() + ".gguf";
    }

    @Override
    public void check(ModelConfig config) {
        GgufLayout.of(name(), config);
        GgufMetadata.check(name(), config);
    }

    @Override
    public void checkTokenizer(Path folder, ModelConfig config) {
        new GgufTokenizer(folder, config).check();
    }

    @Override
    public String advice(ModelConfig original, boolean uniform, int channelMultiple) {
        if (!GgufLayout.holdsDifferentWidths(original) && !uniform) {
            return "only with the same widths in all layers; shape: {uniform: true}";
        }
        boolean quantised = matrices == GgufWriter.Type.Q8_0;
        int block = quantised ? GgufWriter.Type.Q8_0.block() : 256;
        return channelMultiple % block == 0
                ? ""
                : quantised
                        ? "down_proj is quantised only where widths are multiples of 32; shape: {channelMultiple: 32}"
                        : "llama.cpp's K-quants need widths in multiples of 256; shape: {channelMultiple: 256}";
    }

    @Override
    public String note(ModelConfig config) {
        return Widths.describe(config, GgufLayout.of(name(), config).widths());
    }

    @Override
    public Model open(Path folder, ModelConfig written, Device device) {
        return Model.streamed(GgufWeights.open(folder.resolve(fileName()), GgufLayout.of(name(), written), written),
                device);
    }

    /** Rounding of a weight to 11 bits, to 8 bits, or to 1/127 of the largest in its block, grows through the layers. */
    @Override
    public double tolerance(ModelConfig config) {
        if (matrices == null || matrices == GgufWriter.Type.F32 || matrices.name().equals(config.dtype().name())) {
            return EXACT;
        }
        return matrices == GgufWriter.Type.F16 ? 1e-2 : 1e-1;
    }

    @Override
    public void write(Checkpoint checkpoint, Path folder) throws IOException {
        check(checkpoint.config());
        GgufLayout layout = GgufLayout.of(name(), checkpoint.config());
        Path target = folder.resolve(fileName());
        Files.deleteIfExists(target);
        try (GgufWriter file = new GgufWriter(target)) {
            write(file, checkpoint, layout);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(target);
            throw e;
        }
    }

    private void write(GgufWriter file, Checkpoint checkpoint, GgufLayout layout) throws IOException {
        var weights = new PaddedWeights(checkpoint, layout.widths());
        var metadata = new GgufMetadata(layout, weights.config());
        metadata.describe(file, fileType(checkpoint.config()));
        new GgufTokenizer(checkpoint.folder(), checkpoint.config()).describe(file);
        float[] factors = metadata.frequencyFactors();
        if (factors.length > 0) {
            file.declare(GgufMetadata.FREQUENCY_FACTORS, new long[]{factors.length}, GgufWriter.Type.F32);
        }
        List<Piece> pieces = pieces(weights, layout);
        pieces.forEach(piece -> file.declare(piece.name, piece.shape, piece.type));
        file.writeHeader();
        try (Arena arena = Arena.ofConfined()) {
            if (factors.length > 0) {
                file.writeTensor(GgufEncoding.floats(factors, arena));
            }
        }
        for (Piece piece : pieces) {
            try (Arena arena = Arena.ofConfined()) {
                file.writeTensor(piece.encode(weights, arena));
            }
            weights.unload(piece.tensor);
        }
        file.finish();
    }

    /** llama.cpp's number of what most matrices are. */
    private int fileType(ModelConfig config) {
        return switch (matrices == null ? GgufWriter.Type.valueOf(config.dtype().name()) : matrices) {
            case F32 -> 0;
            case F16 -> 1;
            case Q8_0 -> 7;
            case BF16 -> 32;
        };
    }

    private List<Piece> pieces(PaddedWeights weights, GgufLayout layout) {
        ModelConfig config = weights.config();
        List<Piece> pieces = new ArrayList<>();
        for (TensorSpec tensor : config.tensors()) {
            for (TensorSpec.Part part : tensor.parts()) {
                long[] shape = config.shape(tensor);
                shape[0] = part.rows();
                pieces.add(new Piece(GgufLayout.name(part.role(), tensor.layer()), shape, type(shape, weights.dtype(
                        tensor)), tensor, part, layout.turnedHeads(part.role(), tensor.layer())));
            }
        }
        return pieces;
    }

    /** Rows that are no multiple of a block cannot be quantised; F16 is the nearest that is always possible. */
    private GgufWriter.Type type(long[] shape, DType stored) {
        if (shape.length == 1) {
            return GgufWriter.Type.F32;
        }
        if (matrices == null || shape[1] % matrices.block() != 0) {
            return GgufWriter.Type.valueOf(stored.name());
        }
        return matrices;
    }

    /** One tensor of the file: where it comes from and how it is stored. */
    private record Piece(String name, long[] shape, GgufWriter.Type type, TensorSpec tensor, TensorSpec.Part part,
            int heads) {
        MemorySegment encode(PaddedWeights weights, Arena arena) {
            MemorySegment rows = weights.part(tensor, part, arena);
            MemorySegment ordered = heads == 0 ? rows : GgufEncoding.neighbours(rows, (int) part.rows(), heads, arena);
            try {
                return GgufEncoding.convert(ordered, weights.dtype(tensor), type, arena);
            } catch (io.espalier.model.config.InvalidCheckpointException e) {
                throw new UnsupportedModelException("output.formats: " + name + ": " + e.getMessage());
            }
        }
    }
}
