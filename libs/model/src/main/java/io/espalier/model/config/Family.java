package io.espalier.model.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A model family as data, an entry of {@code families.yaml}: what {@code config.json} leaves unsaid, and where it says the
 * rest.
 *
 * @param modelType       {@code model_type} of {@code config.json}
 * @param models          what people call the models of this family
 * @param keys            where the widths stand in {@code config.json}
 * @param layerPrefix     of the tensors of a layer, {@code {}} stands for its index
 * @param embedding       tensor name
 * @param finalNorm       tensor name
 * @param head            tensor name of lm_head, absent where it is tied to the embedding
 * @param layerTensors    the tensors of one layer in checkpoint order
 * @param biases          whether q/k/v, o and the MLP have biases
 * @param unitOffsetNorm  whether norms multiply by {@code 1 + weight} (Gemma)
 * @param scaledEmbedding whether embeddings are multiplied by sqrt(hidden size) (Gemma)
 * @param logitCap        soft cap of the logits; null for none
 * @param rules           what {@code config.json} must say for this decoder to be the right one
 */
public record Family(String modelType, String models, Keys keys, String layerPrefix, String embedding,
        String finalNorm, String head, List<LayerTensor> layerTensors, Biases biases, RopeStyle rope,
        AttentionStyle attention, ActivationStyle activation, Flag tiedEmbeddings, boolean unitOffsetNorm,
        boolean scaledEmbedding, NumberKey logitCap, List<Rule> rules) {

    /** The key of {@code config.json} for each width. */
    public record Keys(String hiddenSize, String layers, String queryHeads, String kvHeads, String headDim,
            String channels, String vocabulary, String epsilon, String positions) {
        public Keys {
            given("keys", hiddenSize, layers, queryHeads, kvHeads, headDim, channels, vocabulary, epsilon, positions);
        }
    }

    /** {@code name} without {@code .weight}; several roles mean a fused tensor, one below the other. */
    public record LayerTensor(String name, List<Role> roles) {
        public LayerTensor {
            given("layerTensors", name, roles);
            roles = List.copyOf(roles);
        }
    }

    /** Each is either fixed by the family or read from a key of {@code config.json}. */
    public record Biases(Flag queryKeyValue, Flag output, Flag mlp) {
        public Biases {
            given("biases", queryKeyValue, output, mlp);
        }
    }

    /** @param key of {@code config.json} that overrides {@code otherwise}; null where the family fixes it */
    public record Flag(String key, boolean otherwise) {}

    /** @param otherwise where {@code config.json} does not have the key at all; null means none, as a null there does */
    public record NumberKey(String key, Double otherwise) {
        public NumberKey {
            given("number", key);
        }
    }

    /** Which entries of a head are rotated together. */
    public enum Pairs {
        /** {@code (i, i + rotated/2)} */
        HALVES,
        /** {@code (2i, 2i + 1)} */
        NEIGHBOURS
    }

    /** How frequencies change for long contexts; the meaning of {@code rope_type}. */
    public enum ScalingKind {
        NONE, LINEAR, LLAMA3, YARN, LONGROPE
    }

    /**
     * @param share       of a head that is rotated where {@code partial_rotary_factor} is not given
     * @param theta       where {@code rope_theta} is not given
     * @param thetaFactor key of {@code config.json} whose number multiplies theta; null for none
     * @param scalings    what each supported {@code rope_type} means
     */
    public record RopeStyle(Pairs pairs, double share, double theta, String thetaFactor,
            Map<String, ScalingKind> scalings) {
        public RopeStyle {
            given("rope", pairs, scalings);
            scalings = Map.copyOf(scalings);
        }
    }

    /**
     * @param window null where all layers see everything before them
     * @param scale  scores are divided by the root of this number; null for the head size
     * @param cap    soft cap of the scores; null for none
     */
    public record AttentionStyle(Window window, NumberKey scale, NumberKey cap) {}

    /** Which layers have a sliding window, where {@code layer_types} does not say it. */
    public enum WindowLayers {
        ALL,
        /** 0, 2, 4 and so on. */
        EVEN,
        /** From the number under {@code max_window_layers} on. */
        FROM_MAX_WINDOW_LAYERS
    }

    /**
     * @param key       of the window's size
     * @param otherwise size where the key is missing; null for no window
     * @param enabled   whether there are windows at all; null for always
     */
    public record Window(String key, Integer otherwise, Flag enabled, WindowLayers layers) {
        public Window {
            given("window", key, layers);
        }
    }

    /**
     * @param keys      of {@code config.json}; the first that is there counts
     * @param otherwise name where none is there
     * @param names     what each supported name means
     */
    public record ActivationStyle(List<String> keys, String otherwise, Map<String, Activation> names) {
        public ActivationStyle {
            given("activation", keys, otherwise, names);
            keys = List.copyOf(keys);
            names = Map.copyOf(names);
        }
    }

    /**
     * What a key of {@code config.json} may say. A missing or null key is allowed unless it is required.
     *
     * @param allowed the only values; null for any
     * @param refused values that are not allowed; null for none
     * @param because the reason, for whoever is refused
     */
    public record Rule(String key, List<JsonNode> allowed, List<JsonNode> refused, Boolean required, String because) {
        public Rule {
            required = required != null && required;
            given("rules", key, because);
            allowed = allowed == null ? null : List.copyOf(allowed);
            refused = refused == null ? List.of() : List.copyOf(refused);
        }
    }

    public Family {
        given("family", modelType, models, keys, layerPrefix, embedding, finalNorm, head, layerTensors, biases, rope,
                attention, activation, tiedEmbeddings, rules);
        layerTensors = List.copyOf(layerTensors);
        rules = List.copyOf(rules);
    }

    /** Whether its layers hold a tensor of this role. */
    public boolean has(Role role) {
        return layerTensors.stream().anyMatch(tensor -> tensor.roles().contains(role));
    }

    private static void given(String what, Object... components) {
        for (Object component : components) {
            Objects.requireNonNull(component, () -> what + " lacks an entry");
        }
    }
}
