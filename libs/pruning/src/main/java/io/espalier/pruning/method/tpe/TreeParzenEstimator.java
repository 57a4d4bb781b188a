package io.espalier.pruning.method.tpe;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Proposes where to measure next (Bergstra, Bardenet, Bengio, Kégl: Algorithms for hyper-parameter optimization, NeurIPS
 * 2011). The history is split into its best {@code min(ceil(0.1 n), 25)} trials and the rest; for every parameter a
 * density l is fitted to the first and g to the second; of some draws from l the one with the largest l/g is taken, which
 * is where the expected improvement is largest. Parameters are independent, as in the paper.
 *
 * <p>A pure function of history and random state: the caller keeps both.
 */
public final class TreeParzenEstimator {
    private static final double GOOD_SHARE = 0.1;
    private static final int MOST_GOOD = 25;

    private final List<Parameter> space;
    private final int randomTrials;
    private final int draws;

    /**
     * @param randomTrials how many trials are drawn blindly before the densities are trusted
     * @param draws        points drawn from l for each proposal; 24 is usual
     */
    public TreeParzenEstimator(List<Parameter> space, int randomTrials, int draws) {
        this.space = List.copyOf(space);
        this.randomTrials = randomTrials;
        this.draws = draws;
    }

    public double[] suggest(List<Trial> history, RandomGenerator random) {
        if (history.size() < randomTrials || history.isEmpty()) {
            return space.stream().mapToDouble(parameter -> blind(parameter, random)).toArray();
        }
        List<Trial> ranked = new ArrayList<>(history);
        ranked.sort(Comparator.comparingDouble(Trial::value)); // stable: of equals the earlier first
        int good = Math.min((int) Math.ceil(GOOD_SHARE * ranked.size()), MOST_GOOD);
        double[] point = new double[space.size()];
        for (int i = 0; i < point.length; i++) {
            Density better = space.get(i).fit(column(ranked.subList(0, good), i));
            Density worse = space.get(i).fit(column(ranked.subList(good, ranked.size()), i));
            point[i] = mostPromising(better, worse, random);
        }
        return point;
    }

    /**
     * Several points at once, for measuring in parallel: each pending one is taken to have come out at the mean so far
     * ("constant liar", Ginsbourger, Le Riche, Carraro 2010), so that the next goes elsewhere. The path differs from
     * that of one by one.
     */
    public List<double[]> suggest(List<Trial> history, int count, RandomGenerator random) {
        List<Trial> told = new ArrayList<>(history);
        double lie = history.stream().mapToDouble(Trial::value).filter(Double::isFinite).average().orElse(0);
        List<double[]> points = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            double[] point = suggest(told, random);
            points.add(point);
            told.add(new Trial(point, lie));
        }
        return points;
    }

    private double mostPromising(Density better, Density worse, RandomGenerator random) {
        double best = Double.NaN;
        double bestRatio = Double.NEGATIVE_INFINITY;
        for (int draw = 0; draw < draws; draw++) {
            double value = better.draw(random);
            double ratio = better.log(value) - worse.log(value);
            if (ratio > bestRatio || draw == 0) {
                best = value;
                bestRatio = ratio;
            }
        }
        return best;
    }

    private static double blind(Parameter parameter, RandomGenerator random) {
        return switch (parameter) {
            case Parameter.Uniform uniform -> uniform.low() + (uniform.high() - uniform.low()) * random.nextDouble();
            case Parameter.Categorical categorical -> random.nextInt(categorical.choices());
        };
    }

    private static double[] column(List<Trial> trials, int parameter) {
        return trials.stream().mapToDouble(trial -> trial.point()[parameter]).toArray();
    }
}
