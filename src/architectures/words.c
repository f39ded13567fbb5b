/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <string.h>
#include "words.h"

/* No word of a schema is longer; what is longer has no suggestion. */
#define WORD_LENGTH 40

static char
lower_case(char c)
{
    return (c >= 'A' && c <= 'Z') ? (char) (c - 'A' + 'a') : c;
}

static slong
smaller(slong a, slong b)
{
    return a < b ? a : b;
}

/* Edit distance with swaps of neighbours (optimal string alignment), three rows at a time. */
static slong
edit_distance(const char * a, const char * b)
{
    slong rows[3][WORD_LENGTH + 1];
    slong * before = rows[0];
    slong * above = rows[1];
    slong * row = rows[2];
    slong m = (slong) strlen(a);
    slong n = (slong) strlen(b);
    slong i, j;

    for (j = 0; j <= n; j++)
    {
        above[j] = j;
        before[j] = 0;
    }

    for (i = 1; i <= m; i++)
    {
        slong * free_row;

        row[0] = i;
        for (j = 1; j <= n; j++)
        {
            int same = lower_case(a[i - 1]) == lower_case(b[j - 1]);
            slong best = above[j - 1] + (same ? 0 : 1);

            best = smaller(best, smaller(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && lower_case(a[i - 1]) == lower_case(b[j - 2])
                && lower_case(a[i - 2]) == lower_case(b[j - 1]))
            {
                best = smaller(best, before[j - 2] + 1);
            }
            row[j] = best;
        }
        free_row = before;
        before = above;
        above = row;
        row = free_row;
    }

    return above[n];
}

slong
caustic_word_closest(const char * word, const char * const * known, slong length)
{
    slong size = (slong) strlen(word);
    slong best = -1;
    slong best_distance = 0;
    slong i;

    if (size == 0 || size > WORD_LENGTH)
    {
        return -1;
    }

    for (i = 0; i < length; i++)
    {
        slong known_size = (slong) strlen(known[i]);
        slong allowed = 1 + (size < known_size ? size : known_size) / 4;
        slong distance;

        if (known_size > WORD_LENGTH)
        {
            continue;
        }
        distance = edit_distance(word, known[i]);
        if (distance <= allowed && distance < size && (best < 0 || distance < best_distance))
        {
            best = i;
            best_distance = distance;
        }
    }

    return best;
}
