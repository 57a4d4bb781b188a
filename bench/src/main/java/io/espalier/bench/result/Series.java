package io.espalier.bench.result;

import java.util.List;

/**
 * One quantity over another, for a plot.
 *
 * @param plot  series with the same plot are drawn together
 * @param name  of this line
 * @param xName what {@code x} is, with its unit
 * @param yName what {@code y} is, with its unit
 */
public record Series(String plot, String name, String xName, String yName, List<Double> x, List<Double> y) {
    public Series {
        x = List.copyOf(x);
        y = List.copyOf(y);
        if (x.size() != y.size()) {
            throw new IllegalArgumentException(name + ": " + x.size() + " x and " + y.size() + " y");
        }
    }
}
