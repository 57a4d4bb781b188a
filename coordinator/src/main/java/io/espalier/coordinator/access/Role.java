package io.espalier.coordinator.access;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What a caller may do; whoever may do more than look may look as well. */
public enum Role {
    /** Look at jobs, reports, metrics. */
    READ,
    /** Submit requests. */
    SUBMIT,
    /** Cancel, pause, resume, retry and delete jobs of anyone. */
    OPERATE;

    private static final String PREFIX = "espalier:";

    static final Set<Role> ALL = EnumSet.allOf(Role.class);

    /** {@code submit} or, as scopes are often written, {@code espalier:submit}; empty for names that mean nothing here. */
    static Optional<Role> of(String name) {
        String plain = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
        return Arrays.stream(values()).filter(role -> role.label().equals(plain)).findFirst();
    }

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
