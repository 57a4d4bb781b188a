package io.espalier.report.html;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Puts names beside the points of a plot so that none covers another, nor a point. A name goes to the free place nearest
 * to its point: above right, above left, below, then further up and down; a faint line leads to those that went far. Where
 * nothing is free it stands where the first place is, covering something. The same points give the same picture.
 */
final class Labels {
    /** Of the picture's font, a little more than most letters need. */
    private static final double LETTER = 6.2;
    private static final double LINE = 12;
    private static final double GAP = 9;
    private static final int STEPS = 12;

    private final double left;
    private final double right;
    private final double top;
    private final double bottom;
    private final List<Box> taken = new ArrayList<>();

    /** Names stay inside this frame. */
    Labels(double left, double top, double right, double bottom) {
        this.left = left;
        this.right = right;
        this.top = top;
        this.bottom = bottom;
    }

    /** An area that is covered; y grows downwards. */
    record Box(double left, double top, double right, double bottom) {
        boolean meets(Box other) {
            return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
        }
    }

    /** Where a name begins or ends, with its base line, and what it covers. */
    record Place(double x, double y, String anchor, Box box) {}

    /** Keeps a round point free; call for all points before the first name. */
    void point(double x, double y, double radius) {
        taken.add(new Box(x - radius, y - radius, x + radius, y + radius));
    }

    /** The place of a point's name, from now on taken. */
    Place place(double x, double y, String text) {
        double width = LETTER * text.length();
        List<Place> places = places(x, y, width);
        Place found = places.stream().filter(place -> isInside(place.box()) && isFree(place.box())).findFirst()
                .or(() -> places.stream().filter(place -> isInside(place.box())).findFirst())
                .orElse(places.getFirst());
        taken.add(found.box());
        return found;
    }

    /** From the point to a name that does not stand beside it; none for one that does. */
    static Optional<double[]> leader(double x, double y, Place place) {
        double middle = place.y() - LINE / 3;
        return Math.abs(middle - y) <= LINE + 1
                ? Optional.empty()
                : Optional.of(new double[]{x, y, place.x(), middle});
    }

    private static List<Place> places(double x, double y, double width) {
        List<Place> places = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            for (double base : new double[]{y - 7 - step * LINE, y + 14 + step * LINE}) {
                places.add(new Place(x + GAP, base, "start", box(x + GAP, base, width)));
                places.add(new Place(x - GAP, base, "end", box(x - GAP - width, base, width)));
            }
        }
        return places;
    }

    private static Box box(double x, double base, double width) {
        return new Box(x, base - LINE + 3, x + width, base + 3);
    }

    private boolean isInside(Box box) {
        return box.left() >= left && box.right() <= right && box.top() >= top && box.bottom() <= bottom;
    }

    private boolean isFree(Box box) {
        return taken.stream().noneMatch(box::meets);
    }
}
