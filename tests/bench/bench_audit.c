/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Counting what gradient flow conserves: the fifty networks of conserved.h, each count proved, in less than ten seconds. Exits with 1
    if one is not the number that theory knows, or if they take longer.
*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <caustic/audit.h>
#include <caustic/case.h>
#include "../conserved.h"

#define LIMIT 10.0 /* seconds, for all */

/* Of the processor, so that what else runs does not count. */
static double
seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double) now.tv_sec + 1e-9 * (double) now.tv_nsec;
}

/* 1 if the network has the number that it should. */
static int
count(const network * of)
{
    caustic_text_t text;
    caustic_error_t error;
    caustic_case_t problem;
    caustic_audit_t audit;
    double start = seconds();
    int good = 0;

    caustic_text_init(text);
    caustic_error_init(error);
    write_network(text, of);
    if (caustic_case_read_text(problem, text->data, text->length, "bench", error) == CAUSTIC_OK)
    {
        caustic_audit_conserved_init(audit, problem->setting, problem->optimiser_metric);
        good = audit->conserved == conserved_by_theory(of);
        printf("%7.3f s  %3ld of %3ld parameters%s  %s", seconds() - start, (long) audit->conserved,
            (long) (problem->setting->parameters * problem->setting->copies), good ? "" : " (WRONG)", strchr(text->data, '{'));
        caustic_audit_clear(audit);
    }
    else
        printf("%s", error->message);
    caustic_case_clear(problem);
    caustic_error_clear(error);
    caustic_text_clear(text);
    return good;
}

int
main(void)
{
    double start = seconds(), taken;
    int good = 1;

    for (int k = 0; k < CONSERVED_NETWORKS; k++)
        good = count(conserved_networks + k) && good;
    taken = seconds() - start;
    printf("%d networks: %.1f s, of %.0f\n", CONSERVED_NETWORKS, taken, LIMIT);
    return good && taken < LIMIT ? EXIT_SUCCESS : EXIT_FAILURE;
}
