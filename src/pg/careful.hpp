// Following a change where reading it has failed: never does a row of the CRM's fail to be written because it
// can't be scored. What can't be read is left out and recorded in leadscore.problem.
//
// An activity counts nowhere while its filter, key, kind, time or fields raise an error; whoever recomputes
// its lead leaves it out again. A lead whose row can't be read, or can't be scored, keeps the score that is
// stored; what its activities amount to is kept right, and the clock tries again. (Where a key of leads
// fails, all leads may have to be read for one to be found, and so can't be: the view score fails then, too.)
//
// None of this need be fast, but all of it keeps to the protocol of live.hpp: it reads what the statements
// that failed would have read, at the same step.
#pragma once

#include "core/clock.hpp"
#include "pg/model_sql.hpp"
#include "pg/statement.hpp"

namespace leadscore {

/// A lead that can't be scored is left to the clock, which tries again after this time.
inline constexpr Micros kTryAgain = 600 * kSecond;

/// Step 2. Of rows that are no longer there the key is all that counts. Fills `touched` (kTouched), which is
/// empty. SPI is connected, the model's owner acts. May longjmp.
void touch_with_care(const Model* model, const Binding* binding, Changed changed, Refresh refresh,
                     Rows* touched);

/// The same for every lead, every row of state and the leads of all activities: those that can be read.
void touch_everything_with_care(const Model* model, Rows* touched);

/// Records the new rows that are activities without a kind or a finite time, or have a key that is too long
/// or none of the lead's type.
void note_unusable(const Model* model, const Binding* binding, Changed changed, Load load);

/// Step 4. `touched` is published, its keys are locked. Fills `settled` (kSettledRows), which is empty.
void settle_with_care(const Model* model, const Rows& touched, Refresh refresh, Rows* settled);

}  // namespace leadscore
