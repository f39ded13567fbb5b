/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Ends of balls, and doubles made of them to guide searches.
*/

#ifndef CAUSTIC_BALL_H
#define CAUSTIC_BALL_H

#include <flint/arb.h>

/* The lower (upper) end of x, rounded outwards to prec bits: an exact number, or not finite where x is not. */
void ball_lower_end(arb_t res, const arb_t x, slong prec);
void ball_upper_end(arb_t res, const arb_t x, slong prec);

/* A number that is no more than x, at prec bits; -inf where x is not a number: nothing is known. */
void ball_floor(arf_t res, const arb_t x, slong prec);

/* About x, and about the logarithm of the largest |x|: to choose where to search, never to decide. */
double ball_guess(const arb_t x);
double ball_log_guess(const arb_t x);

#endif
