/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <string.h>
#include "shock_internal.h"

void
work_init(work_struct * work, const caustic_shock_problem * problem)
{
    caustic_expr roots[2];

    memset(work, 0, sizeof(work_struct));
    work->problem = problem;
    region_init(&work->region);
    roots[0] = problem->cometric;
    roots[1] = problem->loss;
    work->tape = caustic_tape_new(problem->pool, roots, 2, &problem->z, 1);
    work->cometric_series = _arb_vec_init(SERIES_LENGTH);
    work->loss_series = _arb_vec_init(SERIES_LENGTH);
    fmpz_poly_init(work->numerator);
    fmpz_poly_init(work->denominator);
    fmpz_poly_init(work->critical);
    fmpq_init(work->core_lower);
    fmpq_init(work->core_upper);
    fmpq_init(work->core_width);
    arf_init(work->ceiling);
    arf_init(work->scale);
    mag_init(work->noise);
    arf_init(work->floor);
    arf_neg_inf(work->floor);
    work->goal = (slong) (3.33 * problem->digits) + 8;
    work->precision = SEARCH_PRECISION;
    work->cell_limit = problem->box_limit;
    caustic_text_init(work->detail);
}

static void
place_clear(place_struct * place)
{
    arb_clear(place->zone);
    arb_clear(place->convexity);
    arb_clear(place->location);
    arb_clear(place->value);
}

void
work_clear_search(work_struct * work)
{
    slong i;

    for (i = 0; i < work->places_length; i++)
        place_clear(work->places + i);
    for (i = 0; i < work->heap_length; i++)
    {
        fmpz_clear(work->heap[i].k);
        arf_clear(work->heap[i].lower);
    }
    work->places_length = 0;
    work->heap_length = 0;
}

void
work_clear(work_struct * work)
{
    work_clear_search(work);
    flint_free(work->places);
    flint_free(work->heap);
    if (work->field_open)
    {
        gr_heap_clear(work->exact, work->field);
        gr_ctx_clear(work->field);
    }
    region_clear(&work->region);
    caustic_tape_free(work->tape);
    if (work->simplified != NULL)
        caustic_tape_free(work->simplified);
    _arb_vec_clear(work->cometric_series, SERIES_LENGTH);
    _arb_vec_clear(work->loss_series, SERIES_LENGTH);
    fmpz_poly_clear(work->numerator);
    fmpz_poly_clear(work->denominator);
    fmpz_poly_clear(work->critical);
    fmpq_clear(work->core_lower);
    fmpq_clear(work->core_upper);
    fmpq_clear(work->core_width);
    arf_clear(work->ceiling);
    arf_clear(work->scale);
    mag_clear(work->noise);
    arf_clear(work->floor);
    caustic_text_clear(work->detail);
}

place_struct *
work_add_place(work_struct * work, place_kind kind)
{
    place_struct * place;

    if (work->places_length == work->places_capacity)
    {
        work->places_capacity = 2 * work->places_capacity + 4;
        work->places = flint_realloc(work->places, work->places_capacity * sizeof(place_struct));
    }
    place = work->places + work->places_length++;
    memset(place, 0, sizeof(place_struct));
    place->kind = kind;
    arb_init(place->zone);
    arb_init(place->convexity);
    arb_init(place->location);
    arb_init(place->value);
    arb_indeterminate(place->value);
    return place;
}

void
work_remove_place(work_struct * work, slong i)
{
    place_clear(work->places + i);
    work->places_length--;
    memmove(work->places + i, work->places + i + 1, (work->places_length - i) * sizeof(place_struct));
}
