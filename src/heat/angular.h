/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#ifndef CAUSTIC_ANGULAR_H
#define CAUSTIC_ANGULAR_H

#include <caustic/heat.h>

/* The loss at complex angles; one thread. */
typedef struct
{
    const caustic_angular_struct * data;
    caustic_evaluator * near;
    caustic_evaluator * far; /* NULL on spheres */
    caustic_evaluator * near_slope;
    caustic_evaluator * far_slope;
}
angular_loss_struct;

void angular_loss_init(angular_loss_struct * loss, const caustic_angular_struct * data);
void angular_loss_clear(angular_loss_struct * loss);
/* Holomorphic near the box where finite; |Re angle| below 2 pi. */
void angular_loss_at(acb_t res, const angular_loss_struct * loss, const acb_t angle, slong prec);
/* f = exp(-l/(2 nu)) at -pi + 2 pi j/length, j = 0, ..., length - 1. */
void angular_samples(acb_ptr res, const caustic_angular_struct * data, slong length, slong prec);

/* About log sup |f| on |Im angle| = height; infinite where the loss is not finite at some sample. A guide only. */
double angular_level(const caustic_angular_struct * data, double height);
/* sup >= |f| for |Im angle| <= height, where f is holomorphic, both proved; pieces above exp(threshold) are refined. 0 where
   that did not succeed. */
int angular_strip_sup(arb_t sup, slong * boxes, const caustic_angular_struct * data, double height, double threshold);
/* 0 < least <= f at every real angle; 0 where none was found. */
int angular_least(arb_t least, const caustic_angular_struct * data);

#endif
