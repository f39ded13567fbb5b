/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    What the parts of a shock's record share.
*/

#ifndef CAUSTIC_SHOCK_RECORD_H
#define CAUSTIC_SHOCK_RECORD_H

#include <caustic/shock.h>
#include "report_internal.h"

/* The digits that the options or the case ask for. */
slong digits_asked(const caustic_case_t problem, const caustic_run_options * options);

/* T* in one dimension. */
void line_shock(caustic_shock_result_t result, const caustic_case_t problem, const caustic_reduction_t reduction,
    const caustic_run_options * options);

/* front.c: adds "viscous" and "after", what was asked for. */
caustic_verdict record_front(json_t * record, const caustic_case_t problem, const caustic_reduction_t reduction,
    const caustic_run_options * options);

/* What --viscous and --after say of a case alone: {"verdict", "viscous", "after", "detail"}; NULL where nothing was asked for, or the
   case has no shock block. */
json_t * report_front(const caustic_case_t problem, const caustic_run_options * options);

#endif
