package io.espalier.coordinator.access;

import java.util.EnumSet;
import java.util.Set;

/**
 * Whoever asks.
 *
 * @param name for logs
 */
public record Caller(String name, Set<Role> roles) {
    public Caller {
        EnumSet<Role> complete = EnumSet.noneOf(Role.class);
        complete.addAll(roles);
        if (!complete.isEmpty()) {
            complete.add(Role.READ);
        }
        roles = Set.copyOf(complete);
    }

    public boolean may(Role role) {
        return roles.contains(role);
    }
}
