/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <flint/fmpq_vec.h>
#include <flint/fmpz_vec.h>
#include "symmetry/symmetry_internal.h"

const char *
caustic_symmetry_name(caustic_symmetry_kind kind)
{
    static const char * const name[] = {"unknown", "rescaling", "translation", "linear", "sign flip", "permutation"};

    return (unsigned) kind <= CAUSTIC_SYMMETRY_PERMUTATION ? name[kind] : name[0];
}

int
caustic_symmetry_is_finite(caustic_symmetry_kind kind)
{
    return kind == CAUSTIC_SYMMETRY_SIGN_FLIP || kind == CAUSTIC_SYMMETRY_PERMUTATION;
}

/* Lists **************************************************************************************/

void
caustic_symmetries_init(caustic_symmetries_t symmetries, slong parameters)
{
    symmetries->parameters = parameters;
    symmetries->length = 0;
    symmetries->entries = NULL;
}

void
caustic_symmetries_clear(caustic_symmetries_t symmetries)
{
    for (slong i = 0; i < symmetries->length; i++)
        flint_free(symmetries->entries[i].image);
    flint_free(symmetries->entries);
    symmetries->length = 0;
    symmetries->entries = NULL;
}

caustic_expr *
add_symmetry(caustic_symmetries_t symmetries, caustic_symmetry_kind kind)
{
    caustic_symmetry_struct * entry;

    symmetries->entries = flint_realloc(symmetries->entries, (size_t) (symmetries->length + 1) * sizeof(caustic_symmetry_struct));
    entry = symmetries->entries + symmetries->length++;
    entry->kind = kind;
    entry->image = flint_calloc((size_t) FLINT_MAX(symmetries->parameters, 1), sizeof(caustic_expr));
    return entry->image;
}

/* Echelon form *******************************************************************************/

void
echelon_init(echelon_t echelon, slong columns)
{
    echelon->columns = columns;
    echelon->rank = 0;
    echelon->pivot = flint_malloc((size_t) FLINT_MAX(columns, 1) * sizeof(slong));
    echelon->row = _fmpq_vec_init(columns * columns);
}

void
echelon_clear(echelon_t echelon)
{
    flint_free(echelon->pivot);
    _fmpq_vec_clear(echelon->row, echelon->columns * echelon->columns);
}

/* x - c y */
static void
subtract_multiple(fmpq * x, const fmpq_t c, const fmpq * y, slong columns)
{
    fmpq_t factor;

    fmpq_init(factor);
    fmpq_set(factor, c);
    for (slong j = 0; j < columns && !fmpq_is_zero(factor); j++)
        if (!fmpq_is_zero(y + j))
            fmpq_submul(x + j, factor, y + j);
    fmpq_clear(factor);
}

int
echelon_add(echelon_t echelon, fmpq * row)
{
    slong n = echelon->columns, pivot = 0;
    fmpq_t inverse;

    for (slong i = 0; i < echelon->rank; i++)
        subtract_multiple(row, row + echelon->pivot[i], echelon->row + i * n, n);
    while (pivot < n && fmpq_is_zero(row + pivot))
        pivot++;
    if (pivot == n)
        return 0;

    fmpq_init(inverse);
    fmpq_inv(inverse, row + pivot);
    for (slong j = 0; j < n; j++)
        fmpq_mul(echelon->row + echelon->rank * n + j, row + j, inverse);
    echelon->pivot[echelon->rank++] = pivot;
    fmpq_clear(inverse);
    return 1;
}

/* Takes every pivot's column out of the other rows. */
static void
substitute_back(echelon_t echelon)
{
    slong n = echelon->columns;

    for (slong k = echelon->rank - 1; k > 0; k--)
        for (slong i = 0; i < k; i++)
            subtract_multiple(echelon->row + i * n, echelon->row + i * n + echelon->pivot[k], echelon->row + k * n, n);
}

fmpz *
echelon_kernel(echelon_t echelon)
{
    slong n = echelon->columns, count = 0;
    fmpz * kernel = _fmpz_vec_init(FLINT_MAX((n - echelon->rank) * n, 1));
    fmpq * v = _fmpq_vec_init(n);
    fmpz_t denominator;

    fmpz_init(denominator);
    substitute_back(echelon);
    for (slong free = 0; free < n; free++)
    {
        int is_pivot = 0;

        for (slong i = 0; i < echelon->rank; i++)
            is_pivot = is_pivot || echelon->pivot[i] == free;
        if (is_pivot)
            continue;
        for (slong j = 0; j < n; j++)
            fmpq_zero(v + j);
        fmpq_one(v + free);
        fmpz_one(denominator);
        for (slong i = 0; i < echelon->rank; i++)
        {
            fmpq_neg(v + echelon->pivot[i], echelon->row + i * n + free);
            fmpz_lcm(denominator, denominator, fmpq_denref(v + echelon->pivot[i]));
        }
        for (slong j = 0; j < n; j++)
        {
            fmpq_mul_fmpz(v + j, v + j, denominator);
            fmpz_set(kernel + count * n + j, fmpq_numref(v + j));
        }
        count++;
    }
    fmpz_clear(denominator);
    _fmpq_vec_clear(v, n);
    return kernel;
}

/* Domains ************************************************************************************/

int
is_whole_line(const caustic_interval_struct * domain)
{
    return domain->lower_infinite && domain->upper_infinite;
}

int
is_cone(const caustic_interval_struct * domain)
{
    return (domain->lower_infinite || fmpq_is_zero(domain->lower)) && (domain->upper_infinite || fmpq_is_zero(domain->upper));
}

/* The search *********************************************************************************/

void
caustic_symmetries_find(caustic_symmetries_t symmetries, const caustic_setting_t setting,
    const caustic_network_name * arrays, slong length)
{
    caustic_symmetries_t rescalings;
    caustic_expr loss = setting->density != CAUSTIC_NONE ? setting->density : setting->loss;

    if (loss != CAUSTIC_NONE && !setting->loss_in_parameters)
        loss = caustic_substitute(setting->pool, loss, setting->coordinate, setting->invariant, setting->coordinates);
    if (loss == CAUSTIC_NONE || setting->parameters != symmetries->parameters || setting->copies > 1 || setting->spheres > 0)
        return;

    caustic_symmetries_init(rescalings, setting->parameters);
    find_rescalings(rescalings, setting, loss);
    find_affine_fields(symmetries, rescalings, setting, loss);
    caustic_symmetries_clear(rescalings);
    find_sign_flips(symmetries, setting, loss);
    find_permutations(symmetries, setting, loss, arrays, length);
}
