/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#ifndef CAUSTIC_IDENTITY_H
#define CAUSTIC_IDENTITY_H

#include <caustic/field.h>

/* Whether e vanishes identically on the box of the field. Where that is not proved, `what` and the witness, or that it was not
   decided, are appended to why. */
truth_t vanishes(caustic_text_t why, const char * what, caustic_expr e, gr_ctx_struct * ctx);
/* Whether that is proved, when nobody asks why not. */
int vanishes_identically(caustic_expr e, gr_ctx_struct * ctx);

#endif
