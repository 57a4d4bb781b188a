package io.espalier.model.config;

import java.util.List;

/**
 * A tensor that a checkpoint of this config must hold.
 *
 * @param name  in the checkpoint
 * @param layer 0-based; -1 for embedding, final norm and head
 * @param parts what it holds, one below the other along the first axis; one part unless it is fused
 */
public record TensorSpec(String name, int layer, List<Part> parts) {
    /**
     * @param rows   length along the first axis
     * @param offset first row of this part in the tensor
     */
    public record Part(Role role, long offset, long rows) {}

    public TensorSpec {
        parts = List.copyOf(parts);
    }

    /** What the second axis stands for; null for a vector. */
    public Axis columns() {
        Role role = parts.getFirst().role();
        return role.isMatrix() ? role.axes().get(1) : null;
    }

    /** Length of the first axis. */
    public long rows() {
        return parts.stream().mapToLong(Part::rows).sum();
    }

    /** The part with this role. */
    public Part part(Role role) {
        return parts.stream().filter(p -> p.role() == role).findFirst()
                .orElseThrow(() -> new IllegalArgumentException(name + " does not hold " + role));
    }

    public boolean holds(Role role) {
        return parts.stream().anyMatch(p -> p.role() == role);
    }
}
