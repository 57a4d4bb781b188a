package io.espalier.model.config;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Every family this decoder can run: the entries of {@code families.yaml}, checked when they are loaded. */
public final class Families {
    private static final String TABLE = "families.yaml";
    private static final ObjectMapper MAPPER = new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES);
    private static final int MOST_ALIASES = 10_000;
    /** What every layer has. */
    private static final Set<Role> NEEDED = EnumSet.of(Role.INPUT_NORM, Role.Q, Role.K, Role.V, Role.O, Role.POST_NORM,
            Role.GATE, Role.UP, Role.DOWN);
    private static final List<Family> ALL = load();

    private Families() {}

    /** The family of a {@code model_type}. */
    public static Family of(String modelType) {
        return ALL.stream().filter(f -> f.modelType().equals(modelType)).findFirst()
                .orElseThrow(() -> new UnsupportedModelException("config.json: model_type '" + modelType
                        + "' is not supported; supported are " + names()));
    }

    /** All of them, in the order of the table. */
    public static List<Family> all() {
        return ALL;
    }

    /** All of them, as {@code config.json} spells them. */
    public static String names() {
        return ALL.stream().map(Family::modelType).collect(Collectors.joining(", "));
    }

    private static List<Family> load() {
        try (InputStream in = Families.class.getResourceAsStream(TABLE)) {
            var options = new LoaderOptions();
            options.setMaxAliasesForCollections(MOST_ALIASES);
            Map<?, ?> table = new Yaml(new SafeConstructor(options)).load(in);
            return ((List<?>) table.get("families")).stream().map(Families::family).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Family family(Object entry) {
        try {
            Family family = MAPPER.convertValue(entry, Family.class);
            check(family);
            return family;
        } catch (RuntimeException e) {
            throw new IllegalStateException(TABLE + ": " + ((Map<?, ?>) entry).get("modelType") + ": "
                    + e.getMessage(), e);
        }
    }

    /** Every role once, all that a layer needs, and in a fused tensor only what has the same inputs. */
    private static void check(Family family) {
        List<Role> roles = family.layerTensors().stream().flatMap(tensor -> tensor.roles().stream()).toList();
        if (roles.size() != Set.copyOf(roles).size() || !roles.containsAll(NEEDED)) {
            throw new IllegalArgumentException("layerTensors holds " + roles + ", needed is each once of " + NEEDED);
        }
        if (roles.contains(Role.O_NORM) != roles.contains(Role.DOWN_NORM)
                || roles.contains(Role.Q_NORM) != roles.contains(Role.K_NORM)) {
            throw new IllegalArgumentException("layerTensors holds one of a pair of norms only: " + roles);
        }
        for (Family.LayerTensor tensor : family.layerTensors()) {
            if (tensor.roles().stream().map(role -> role.axes().getLast()).distinct().count() != 1) {
                throw new IllegalArgumentException(tensor.name() + " fuses what has different inputs");
            }
        }
    }
}
