package io.espalier.pruning.method;

import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;

/** All methods on the class path, by name. */
public final class Methods {
    private static final SortedMap<String, PruningMethod> BY_NAME = load();

    private Methods() {}

    /** @throws IllegalArgumentException if there is no method of that name */
    public static PruningMethod named(String name) {
        PruningMethod method = BY_NAME.get(name);
        if (method == null) {
            throw new IllegalArgumentException(
                    "method.name: '" + name + "' is none of " + String.join(", ", BY_NAME.keySet()));
        }
        return method;
    }

    private static SortedMap<String, PruningMethod> load() {
        SortedMap<String, PruningMethod> methods = new TreeMap<>();
        ServiceLoader.load(PruningMethod.class).forEach(method -> methods.put(method.name(), method));
        return methods;
    }
}
