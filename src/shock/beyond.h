/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    beyond, private: the smallest eigenvalue of a block where coordinates are large, outside a finite core.
*/

#ifndef CAUSTIC_SHOCK_BEYOND_H
#define CAUSTIC_SHOCK_BEYOND_H

#include "hessian.h"

/* Makes the core, copies of the regions of the block's variables, finite where the block is periodic: one period [SHOCK-17].
   The number of variables that became so. */
slong beyond_take_periods(region_struct * core, const hessian_t hessian, const block_struct * block);
/* Cuts the core's infinite ends at |z| = 2^bits or more. 0: none was infinite. */
int beyond_cut(region_struct * core, fmpq_t cut, slong variables, slong bits);
/* 1: lambda > mu wherever a coordinate of the region lies beyond the cut; `region` are the regions with their infinite ends.
   0: not certain. [HESSIAN-11] */
int beyond_exceeds(const hessian_t hessian, const block_struct * block, const region_struct * region, const fmpq_t cut, const arf_t mu)
    CAUSTIC_MUST_USE;

#endif
