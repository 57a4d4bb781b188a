package io.espalier.scoring;

import io.espalier.model.text.CalibrationSampler;
import io.espalier.model.text.TextSource;
import io.espalier.model.text.Tokenizer;
import io.espalier.protocol.request.PruningRequest.Calibration;
import io.espalier.pruning.method.Scoring;
import java.util.List;

/**
 * Draws a method's calibration sets and its probe from one text. The probe comes from documents at the end of the text
 * that the sets never see, as large a share of the documents as its share of the tokens asked for (at least a tenth, at
 * most half) [D]. Sets are drawn independently of each other, each with a seed of its own.
 */
record CalibrationSets(Tokenizer tokenizer, TextSource text, Calibration calibration, Scoring scoring) {
    private static final double LEAST_SHARE = 0.1;
    private static final double LARGEST_SHARE = 0.5;

    /**
     * @param round step of an iterative pruning: each draws other samples
     * @return [sets * samples][length]
     */
    int[][] sets(int round) {
        var sampler = new CalibrationSampler(tokenizer, documents(0, probeStart()));
        int[][] all = new int[scoring.sets() * calibration.samples()][];
        for (int set = 0; set < scoring.sets(); set++) {
            long seed = calibration.seed() + round + set;
            int[][] drawn = sampler.draw(calibration.samples(), calibration.length(), seed);
            System.arraycopy(drawn, 0, all, set * drawn.length, drawn.length);
        }
        return all;
    }

    /** @return [samples][length] of the probe; the same whatever the round */
    int[][] probe() {
        var sampler = new CalibrationSampler(tokenizer, documents(probeStart(), text.documents().size()));
        return sampler.draw(scoring.probe().samples(), scoring.probe().length(), calibration.seed());
    }

    private TextSource documents(int from, int to) {
        return new TextSource(text.documents().subList(from, to), text.separator(), "");
    }

    /** Index of the first document of the probe's part. */
    private int probeStart() {
        List<String> documents = text.documents();
        if (scoring.probe() == null) {
            return documents.size();
        }
        double probe = (double) scoring.probe().samples() * scoring.probe().length();
        double set = (double) calibration.samples() * calibration.length();
        double share = Math.clamp(probe / (probe + set), LEAST_SHARE, LARGEST_SHARE);
        return Math.clamp((int) Math.round(documents.size() * (1 - share)), 0, documents.size());
    }
}
