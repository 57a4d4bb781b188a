package io.espalier.pruning.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.model.config.Role;
import io.espalier.pruning.group.Member.Axis;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class UnitInventoryTest {
    private final UnitInventory stories = new UnitInventory(Shapes.stories());

    @Test
    void listsEveryUnitInOrder() {
        assertThat(stories.units(UnitType.ATTENTION)).hasSize(5 * 4).isSortedAccordingTo(Unit.ORDER);
        assertThat(stories.units(UnitType.MLP)).hasSize(5 * 172).isSortedAccordingTo(Unit.ORDER);
        assertThat(stories.units(UnitType.HIDDEN)).hasSize(64);
        assertThat(stories.units(UnitType.LAYER)).hasSize(5);
    }

    @Test
    void aKvGroupOwnsTheContiguousQueryHeadsThatReadIt() {
        Unit group = stories.units(UnitType.ATTENTION, 3).get(2);
        assertThat(stories.members(group)).containsExactly(new Member(3, Role.K, Axis.ROWS, 16, 24),
                new Member(3, Role.O, Axis.COLUMNS, 32, 48), new Member(3, Role.V, Axis.ROWS, 16, 24),
                new Member(3, Role.Q, Axis.ROWS, 32, 48));
    }

    @Test
    void membersOfATypeCoverItsMatricesOnce() {
        for (UnitType type : new UnitType[]{UnitType.ATTENTION, UnitType.MLP}) {
            assertThat(stories.units(type, 0).stream().mapToLong(this::weights).sum())
                    .isEqualTo(stories.units(type, 0).stream().mapToLong(Unit::cost).sum());
        }
        assertThat(Stream.of(stories.units(UnitType.HIDDEN).getFirst()).mapToLong(this::entries).sum())
                .isEqualTo(Shapes.stories().hiddenCost());
    }

    /** Rows and columns of attention and MLP matrices are all as long as the hidden size. */
    private long weights(Unit unit) {
        return stories.members(unit).stream().mapToLong(m -> (m.to() - m.from()) * 64L).sum();
    }

    private long entries(Unit hidden) {
        return stories.members(hidden).stream().mapToLong(m -> switch (m.role()) {
            case Q, O -> 64;
            case K, V -> 32;
            case GATE, UP, DOWN -> 172;
            case EMBEDDING, HEAD -> 512;
            default -> 1; // norms
        }).sum();
    }
}
