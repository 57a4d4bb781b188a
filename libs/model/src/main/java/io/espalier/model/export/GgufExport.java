package io.espalier.model.export;

import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.Role;
import io.espalier.model.config.Rope;
import io.espalier.model.config.TensorSpec;
import io.espalier.model.config.UnsupportedModelException;
import io.espalier.model.weights.Checkpoint;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * {@code model.gguf} for llama.cpp and what embeds it. Uniform models keep their architecture; a LLaMA-like model with
 * different widths per layer becomes {@code deci}, llama.cpp's Llama graph with widths as arrays.
 *
 * <p>
 * Matrices keep their stored type, or become Q8_0; vectors are F32. The rows of q and k are reordered from transformers'
 * halves to llama.cpp's neighbours where its architecture rotates neighbours, as its own converter does.
 */
public final class GgufExport implements ExportFormat {
    private static final Map<Role, String> NAMES = Map.ofEntries(Map.entry(Role.EMBEDDING, "token_embd.weight"),
            Map.entry(Role.FINAL_NORM, "output_norm.weight"), Map.entry(Role.HEAD, "output.weight"),
            Map.entry(Role.INPUT_NORM, "attn_norm.weight"), Map.entry(Role.Q, "attn_q.weight"),
            Map.entry(Role.Q_BIAS, "attn_q.bias"), Map.entry(Role.K, "attn_k.weight"),
            Map.entry(Role.K_BIAS, "attn_k.bias"), Map.entry(Role.V, "attn_v.weight"),
            Map.entry(Role.V_BIAS, "attn_v.bias"), Map.entry(Role.Q_NORM, "attn_q_norm.weight"),
            Map.entry(Role.K_NORM, "attn_k_norm.weight"), Map.entry(Role.O, "attn_output.weight"),
            Map.entry(Role.O_BIAS, "attn_output.bias"), Map.entry(Role.POST_NORM, "ffn_norm.weight"),
            Map.entry(Role.GATE, "ffn_gate.weight"), Map.entry(Role.GATE_BIAS, "ffn_gate.bias"),
            Map.entry(Role.UP, "ffn_up.weight"), Map.entry(Role.UP_BIAS, "ffn_up.bias"),
            Map.entry(Role.DOWN, "ffn_down.weight"), Map.entry(Role.DOWN_BIAS, "ffn_down.bias"));
    /** Families by the architecture that runs them; the first two also as {@code deci}. */
    private static final Map<String, String> ARCHITECTURES = Map.of("llama", "llama", "mistral", "llama", "qwen2",
            "qwen2", "qwen3", "qwen3");
    /** Architectures whose rotary pairs are neighbours. */
    private static final Set<String> NEIGHBOURS = Set.of("llama", "deci");

    private final boolean quantise;

    private GgufExport(boolean quantise) {
        this.quantise = quantise;
    }

    /** Matrices in their stored type. */
    public static GgufExport asStored() {
        return new GgufExport(false);
    }

    /** Matrices in 8.5 bits per weight, where their rows allow it. */
    public static GgufExport q8() {
        return new GgufExport(true);
    }

    @Override
    public String name() {
        return quantise ? "gguf-q8_0" : "gguf";
    }

    @Override
    public void check(ModelConfig config) {
        String family = config.family().modelType();
        if (!ARCHITECTURES.containsKey(family)) {
            throw new UnsupportedModelException("output.formats: " + name() + " cannot hold family '" + family
                    + "', only " + ARCHITECTURES.keySet());
        }
        if (!config.isUniform() && !ARCHITECTURES.get(family).equals("llama")) {
            throw new UnsupportedModelException("output.formats: " + name() + " holds different widths per layer only "
                    + "for llama and mistral, not for '" + family + "'; ask for shape: {uniform: true}");
        }
        if (config.rope().scaling() instanceof Rope.Yarn || config.rope().scaling() instanceof Rope.LongRope) {
            throw new UnsupportedModelException("output.formats: " + name()
                    + " holds rotary scaling of the kinds linear and llama3 only");
        }
        if (config.attention().windows().stream().anyMatch(Objects::nonNull)) {
            throw new UnsupportedModelException("output.formats: " + name()
                    + " cannot hold sliding windows; a model that is used within its window loses nothing when "
                    + "sliding_window in config.json is null");
        }
        if (config.layers().stream().anyMatch(l -> l.headDims() != null)) {
            throw new UnsupportedModelException("output.formats: " + name()
                    + " cannot hold heads that have lost dimensions; ask for method.attention: kv-groups");
        }
        if (config.layers().stream().anyMatch(l -> l.queryHeads() == 0 || l.channels() == 0)) {
            throw new UnsupportedModelException("output.formats: " + name()
                    + " cannot hold layers without attention or without MLP");
        }
    }

    @Override
    public void write(Checkpoint checkpoint, Path folder) throws IOException {
        ModelConfig config = checkpoint.config();
        check(config);
        String architecture = config.isUniform() ? ARCHITECTURES.get(config.family().modelType()) : "deci";
        Path target = folder.resolve(quantise ? "model-q8_0.gguf" : "model.gguf");
        Files.deleteIfExists(target);
        try (GgufWriter file = new GgufWriter(target)) {
            describe(file, config, architecture);
            new GgufTokenizer(checkpoint.folder(), config).describe(file);
            List<Piece> pieces = pieces(checkpoint, NEIGHBOURS.contains(architecture));
            pieces.forEach(p -> file.declare(p.name, p.shape, p.type));
            file.writeHeader();
            for (Piece piece : pieces) {
                try (Arena arena = Arena.ofConfined()) {
                    file.writeTensor(piece.encode(checkpoint, arena));
                }
            }
            file.finish();
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(target);
            throw e;
        }
    }

    private void describe(GgufWriter file, ModelConfig config, String architecture) {
        file.put("general.architecture", architecture);
        file.put("general.name", "espalier");
        file.put("general.file_type", quantise ? 7 : switch (config.dtype()) {
            case F16 -> 1;
            case BF16 -> 32;
            default -> 0;
        });
        file.put(architecture + ".block_count", config.layers().size());
        file.put(architecture + ".context_length", config.maxPositions());
        file.put(architecture + ".embedding_length", config.hiddenSize());
        file.put(architecture + ".vocab_size", config.vocabularySize());
        widths(file, architecture + ".attention.head_count", config, LayerShape::queryHeads);
        widths(file, architecture + ".attention.head_count_kv", config, LayerShape::kvHeads);
        widths(file, architecture + ".feed_forward_length", config, LayerShape::channels);
        file.put(architecture + ".attention.key_length", config.headDim());
        file.put(architecture + ".attention.value_length", config.headDim());
        file.put(architecture + ".rope.dimension_count", config.rope().rotaryDim());
        file.put(architecture + ".attention.layer_norm_rms_epsilon", (float) config.rmsNormEps());
        file.put(architecture + ".rope.freq_base", (float) config.rope().theta());
        if (config.rope().scaling() instanceof Rope.Linear linear) {
            file.put(architecture + ".rope.scaling.type", "linear");
            file.put(architecture + ".rope.scaling.factor", (float) linear.factor());
        }
    }

    private static void widths(GgufWriter file, String key, ModelConfig config, ToIntFunction<LayerShape> width) {
        int[] widths = config.layers().stream().mapToInt(width).toArray();
        if (config.isUniform()) {
            file.put(key, widths[0]);
        } else {
            file.put(key, widths);
        }
    }

    private List<Piece> pieces(Checkpoint checkpoint, boolean neighbours) {
        ModelConfig config = checkpoint.config();
        List<Piece> pieces = new ArrayList<>();
        if (config.rope().scaling() instanceof Rope.Llama3) {
            pieces.add(Piece.of("rope_freqs.weight", frequencyFactors(config.rope())));
        }
        for (TensorSpec tensor : config.tensors()) {
            for (TensorSpec.Part part : tensor.parts()) {
                Role role = part.role();
                String name = tensor.layer() < 0 ? NAMES.get(role) : "blk." + tensor.layer() + "." + NAMES.get(role);
                int heads = neighbours ? rotatedHeads(config, tensor.layer(), role) : 0;
                pieces.add(Piece.of(name, checkpoint, tensor, part, quantise, heads));
            }
        }
        return pieces;
    }

    private static int rotatedHeads(ModelConfig config, int layer, Role role) {
        return switch (role) {
            case Q, Q_BIAS -> config.layers().get(layer).queryHeads();
            case K, K_BIAS -> config.layers().get(layer).kvHeads();
            default -> 0;
        };
    }

    /** What llama.cpp divides each frequency by. */
    private static float[] frequencyFactors(Rope rope) {
        double[] scaled = rope.frequencies();
        double[] plain = new Rope(rope.theta(), rope.rotaryDim(), rope.interleaved(), new Rope.Unscaled())
                .frequencies();
        float[] factors = new float[scaled.length];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = (float) (plain[i] / scaled[i]);
        }
        return factors;
    }

    /** One tensor of the file: where it comes from and how it is stored. */
    private record Piece(String name, long[] shape, GgufWriter.Type type, TensorSpec tensor, TensorSpec.Part part,
            int heads, float[] constant) {

        static Piece of(String name, float[] constant) {
            return new Piece(name, new long[]{constant.length}, GgufWriter.Type.F32, null, null, 0, constant);
        }

        static Piece of(String name, Checkpoint checkpoint, TensorSpec tensor, TensorSpec.Part part, boolean quantise,
                int heads) {
            long[] shape = checkpoint.info(tensor).shape();
            shape[0] = part.rows();
            GgufWriter.Type type = shape.length == 1 ? GgufWriter.Type.F32 : switch (checkpoint.info(tensor).dtype()) {
                case F16 -> GgufWriter.Type.F16;
                case BF16 -> GgufWriter.Type.BF16;
                default -> GgufWriter.Type.F32;
            };
            if (quantise && shape.length == 2 && shape[1] % GgufWriter.Type.Q8_0.block() == 0) {
                type = GgufWriter.Type.Q8_0;
            }
            return new Piece(name, shape, type, tensor, part, heads, null);
        }

        MemorySegment encode(Checkpoint checkpoint, Arena arena) {
            if (constant != null) {
                return GgufEncoding.floats(constant, arena);
            }
            MemorySegment rows = checkpoint.rows(tensor, part.offset(), part.rows());
            MemorySegment ordered = heads == 0 ? rows : GgufEncoding.neighbours(rows, (int) part.rows(), heads, arena);
            return GgufEncoding.convert(ordered, checkpoint.info(tensor).dtype(), type, arena);
        }
    }
}
