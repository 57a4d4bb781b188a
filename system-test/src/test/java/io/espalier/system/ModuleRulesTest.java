package io.espalier.system;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Which module may know which: the table of docs/decisions/0001, kept true. */
class ModuleRulesTest {
    private static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("io.espalier");

    @Test
    void theNumericsHaveNeverHeardOfMessages() {
        noClasses().that()
                .resideInAnyPackage("io.espalier.model..", "io.espalier.pruning..", "io.espalier.evaluation..")
                .should().dependOnClassesThat()
                .resideInAnyPackage("io.espalier.protocol..", "io.espalier.worker..", "io.espalier.platform..",
                        "org.apache.kafka..", "io.vertx..")
                .because("they are used by any process and tested without a broker").check(ALL);
    }

    @Test
    void theModelHasNeverHeardOfPruning() {
        noClasses().that().resideInAPackage("io.espalier.model..").should().dependOnClassesThat()
                .resideInAnyPackage("io.espalier.pruning..", "io.espalier.evaluation..").check(ALL);
    }

    @Test
    void theRuntimeHasNeverHeardOfPruning() {
        noClasses().that().resideInAPackage("io.espalier.worker..").should().dependOnClassesThat()
                .resideInAnyPackage("io.espalier.model..", "io.espalier.pruning..", "io.espalier.evaluation..",
                        "ai.djl..")
                .check(ALL);
    }

    @Test
    void theCoordinatorHasNoEngine() {
        noClasses().that().resideInAPackage("io.espalier.coordinator..").should().dependOnClassesThat()
                .resideInAnyPackage("ai.djl..", "io.espalier.model..", "io.espalier.pruning..", "io.espalier.worker..")
                .check(ALL);
    }

    @Test
    void decisionsArePure() {
        noClasses().that().resideInAPackage("io.espalier.coordinator.job..").should().dependOnClassesThat()
                .resideInAnyPackage("io.vertx..", "org.apache.kafka..", "io.espalier.coordinator.log..",
                        "io.espalier.coordinator.http..")
                .because("restart, simulation and test run the same code").check(ALL);
    }

    @Test
    void plansAndGroupsNeedNoEngine() {
        noClasses().that().resideInAnyPackage("io.espalier.pruning.group..", "io.espalier.pruning.plan..",
                "io.espalier.pruning.latency..").should()
                .dependOnClassesThat().resideInAPackage("ai.djl..").check(ALL);
    }

    @Test
    void messagesDoNoInputOutput() {
        DescribedPredicate<JavaClass> readOrWrite = resideInAnyPackage("org.apache.kafka..", "io.vertx..",
                "java.nio.file..", "java.nio.channels..", "java.net.http..")
                .and(not(belongToAnyOf(Path.class, InvalidPathException.class)));
        noClasses().that().resideInAPackage("io.espalier.protocol..").should().dependOnClassesThat(readOrWrite)
                .because("a path is a name, which messages may hold and normalise; what it names is not theirs to open")
                .check(ALL);
    }

    @Test
    void nobodyDependsOnTheCoordinatorAndNoWorkerOnAnother() {
        noClasses().that().resideOutsideOfPackage("io.espalier.coordinator..").should().dependOnClassesThat()
                .resideInAPackage("io.espalier.coordinator..").check(ALL);
        slices().matching("io.espalier.(scoring|gpu|eval)..").should().notDependOnEachOther().check(ALL);
    }
}
