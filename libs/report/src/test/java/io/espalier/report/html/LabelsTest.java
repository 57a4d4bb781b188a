package io.espalier.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.report.html.Labels.Box;
import io.espalier.report.html.Labels.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LabelsTest {
    private static final Box FRAME = new Box(70, 30, 720, 300);

    @Test
    void aLonePointHasItsNameAboveRightAndAtTheRightEdgeAboveLeft() {
        assertThat(labels().place(100, 200, "search")).extracting(Place::x, Place::y, Place::anchor)
                .containsExactly(109.0, 193.0, "start");
        assertThat(labels().place(700, 200, "search").anchor()).isEqualTo("end");
    }

    @Test
    void namesOfClosePointsCoverNeitherEachOtherNorAPoint() {
        List<double[]> points = new ArrayList<>();
        Random random = new Random(3);
        for (int i = 0; i < 12; i++) { // all methods at one target: nearly the same x, perplexities close together
            points.add(new double[]{300 + random.nextDouble(), 150 + 20 * random.nextDouble()});
        }
        Labels labels = labels();
        points.forEach(point -> labels.point(point[0], point[1], 5));
        List<Box> names = new ArrayList<>();
        points.forEach(point -> names.add(labels.place(point[0], point[1], "llm-pruner param_first 80 %").box()));
        for (int i = 0; i < names.size(); i++) {
            Box name = names.get(i);
            assertThat(names.subList(0, i)).noneMatch(name::meets);
            assertThat(points).noneMatch(point -> name.meets(new Box(point[0] - 5, point[1] - 5, point[0] + 5,
                    point[1] + 5)));
            assertThat(name.left() >= FRAME.left() && name.right() <= FRAME.right() && name.top() >= FRAME.top()
                    && name.bottom() <= FRAME.bottom()).isTrue();
        }
    }

    @Test
    void aLineLeadsToNamesThatWentFarOnly() {
        Labels labels = labels();
        Place first = labels.place(300, 150, "first");
        assertThat(Labels.leader(300, 150, first)).isEmpty();
        for (int i = 0; i < 3; i++) { // above left, below right, below left
            labels.place(300, 150, "next");
        }
        Place far = labels.place(300, 150, "far");
        assertThat(Labels.leader(300, 150, far)).hasValueSatisfying(line -> assertThat(line).containsExactly(300, 150,
                far.x(), far.y() - 4));
    }

    @Test
    void withoutARoomANameStandsAtItsPoint() {
        Labels tight = new Labels(0, 0, 40, 20);
        assertThat(tight.place(20, 10, "much longer than the frame").x()).isEqualTo(29);
    }

    private static Labels labels() {
        return new Labels(FRAME.left(), FRAME.top(), FRAME.right(), FRAME.bottom());
    }
}
