package io.espalier.pruning.recovery;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.Role;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** One adapter for each of the seven linear layers of every block; layers without width have none. */
final class Adapters {
    static final Set<Role> ROLES = EnumSet.of(Role.Q, Role.K, Role.V, Role.O, Role.GATE, Role.UP, Role.DOWN);

    private final List<Map<Role, Adapter>> layers;
    private final List<Parameter> parameters;

    private Adapters(List<Map<Role, Adapter>> layers) {
        this.layers = layers;
        this.parameters = layers.stream().flatMap(l -> l.values().stream()).flatMap(a -> a.parameters().stream())
                .toList();
    }

    /**
     * Adapters that change nothing yet: B is zero, A uniform in +-1/sqrt(in), which is what peft's
     * {@code kaiming_uniform_(a=sqrt(5))} draws from.
     */
    static Adapters create(NDManager manager, ModelConfig config, LoraSettings settings) {
        var random = new Random(settings.seed());
        var layers = new ArrayList<Map<Role, Adapter>>();
        for (int layer = 0; layer < config.layers().size(); layer++) {
            var adapters = new EnumMap<Role, Adapter>(Role.class);
            for (Role role : config.layerRoles(layer).keySet()) {
                if (ROLES.contains(role)) {
                    adapters.put(role, create(manager, config, layer, role, settings, random));
                }
            }
            layers.add(adapters);
        }
        return new Adapters(layers);
    }

    /** A model without adapters. */
    static Adapters none(ModelConfig config) {
        return new Adapters(Collections.nCopies(config.layers().size(), Map.of()));
    }

    private static Adapter create(NDManager manager, ModelConfig config, int layer, Role role, LoraSettings settings,
            Random random) {
        long out = config.length(role.axes().get(0), layer);
        long in = config.length(role.axes().get(1), layer);
        int rank = settings.rank();
        float bound = (float) (1 / Math.sqrt(in));
        float[] a = new float[Math.toIntExact(rank * in)];
        for (int i = 0; i < a.length; i++) {
            a[i] = random.nextFloat(-bound, bound);
        }
        String name = layer + "." + role;
        return new Adapter(Parameter.create(manager, name + ".A", a, new Shape(rank, in)),
                Parameter.create(manager, name + ".B", new float[Math.toIntExact(out * rank)], new Shape(out, rank)),
                settings.scale());
    }

    /** Adapters of a layer by role. */
    Map<Role, Adapter> layer(int layer) {
        return layers.get(layer);
    }

    /** All matrices, always in the same order. */
    List<Parameter> parameters() {
        return parameters;
    }

    /** Trained numbers. */
    long size() {
        return parameters.stream().mapToLong(p -> p.value().size()).sum();
    }
}
