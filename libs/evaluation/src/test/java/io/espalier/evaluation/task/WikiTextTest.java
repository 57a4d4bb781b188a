package io.espalier.evaluation.task;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Expectations are what the harness's own wikitext_detokenizer answers. */
class WikiTextTest {
    @Test
    void detokenises() {
        assertThat(WikiText.of("The dogs ' 3 @,@ 000 @.@ 5 well @-@ known ( or so ) \" N \" 's , too . \n").text())
                .isEqualTo("The dogs'3,000.5 well-known (or so) \"N\"'s, too.\n");
    }

    @Test
    void cutsAtTitlesOnly() {
        var pages = WikiText.pages(" \n = One = \n \n text \n = = Part = = \n more \n = Two = \n end \n");
        assertThat(pages).extracting(WikiText::page).containsExactly(" = One = \n \n text \n = = Part = = \n more ",
                " = Two = \n end \n");
        assertThat(pages.getLast().words()).isEqualTo(6); // "", "=", "Two", "=", "end", ""
        assertThat(pages.getLast().bytes()).isEqualTo(16);
    }
}
