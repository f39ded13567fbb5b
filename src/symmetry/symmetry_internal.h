/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

/* What the searches share. Each adds what it has proved. */

#ifndef CAUSTIC_SYMMETRY_INTERNAL_H
#define CAUSTIC_SYMMETRY_INTERNAL_H

#include <flint/fmpq.h>
#include <caustic/symmetry.h>

/* Rows over Q, each with 1 at its pivot and 0 at the pivots of those before it. */
typedef struct
{
    slong columns;
    slong rank;
    slong * pivot;
    fmpq * row; /* columns x columns; the first rank are in use */
}
echelon_struct;

typedef echelon_struct echelon_t[1];

void echelon_init(echelon_t echelon, slong columns);
void echelon_clear(echelon_t echelon);
/* Adds a row, which is changed; 0 where it depends on those that are there. */
int echelon_add(echelon_t echelon, fmpq * row);
/* A basis of what all rows annihilate, as primitive integer vectors: columns - rank of them, one after the other. Caller
   frees with _fmpz_vec_clear. The rows lose each other's pivots. */
fmpz * echelon_kernel(echelon_t echelon);

static inline void
copy_row(fmpq * res, const fmpq * x, slong columns)
{
    for (slong j = 0; j < columns; j++)
        fmpq_set(res + j, x + j);
}

/* A new entry: N images that the caller fills in. */
caustic_expr * add_symmetry(caustic_symmetries_t symmetries, caustic_symmetry_kind kind);

/* Whether the domain is mapped to itself by x -> c x for c > 0. */
int is_cone(const caustic_interval_struct * domain);
int is_whole_line(const caustic_interval_struct * domain);

void find_rescalings(caustic_symmetries_t rescalings, const caustic_setting_t setting, caustic_expr loss);
void find_sign_flips(caustic_symmetries_t symmetries, const caustic_setting_t setting, caustic_expr loss);
/* Translations, then the rescalings that are given, then other affine fields, as far as each adds a direction to those
   before it at a point. */
void find_affine_fields(caustic_symmetries_t symmetries, const caustic_symmetries_t rescalings, const caustic_setting_t setting,
    caustic_expr loss);
void find_permutations(caustic_symmetries_t symmetries, const caustic_setting_t setting, caustic_expr loss,
    const caustic_network_name * arrays, slong length);

#endif
