// What of a change of rows can matter to a model. A CRM writes its rows all the time for reasons of its own
// (when was the last message of this conversation?); where none of the columns that scoring reads has
// changed, no lead need be looked at.
#pragma once

#include "pg/model.hpp"
#include "pg/read_columns.hpp"

namespace leadscore {

/// What is known of a binding's columns. Kept with the model.
struct Relevance {
  const CachedPlanSource* statement;  ///< where it was read; nullptr: nothing is known yet
  int generation;                     ///< of the statement: another one after each change of what it names
  ReadColumns read;
};

/// The columns of the binding's table by which an UPDATE can change what a lead's score is, or whose an
/// activity is: those that
///  - the expressions of the binding read of their own row (activity), with those of `fields` that rules
///  read;
///  - key, filter and rules read (lead);
///  - `leads`, the expressions of activities or the view of leads look up (watch).
/// SPI is connected, the model's owner acts. Valid until the transaction ends. May longjmp.
const ReadColumns& relevant_columns(const Model* model, const Binding* binding);

/// Takes the rows out of an UPDATE's transition tables in which none of the binding's relevant columns has
/// changed; the tables may be others afterwards. False where none is left. May longjmp.
bool keep_relevant_rows(const Model* model, const Binding* binding, TriggerData* data);

}  // namespace leadscore
