// Whose a model is. It works with the rights of the role that leadscore.model records, and its schema belongs
// to that role. ALTER SCHEMA, REASSIGN OWNED and restores without owners give the schema to another: from
// then on that one has the say, and rebind lets the model work as it.
#pragma once

#include "pg/model.hpp"

namespace leadscore {

/// The owner of the model's schema; InvalidOid where there is no schema.
Oid schema_owner(const char* model);

/// A role for messages, quoted where need be; nullptr where it is gone.
const char* role_name(Oid role);

/// Records the owner of the schema as the model's, and gives it what create_model has put there. The model is
/// to be read anew. Between SPI_connect and SPI_finish; needs no right. May longjmp.
void follow_schema_owner(const Model* model);

/// Lets a role that owns a model delete rows of leadscore.transition and leadscore.problem, where it may not
/// yet; policies say which. Not everybody may: who has the right to delete may lock the tables against all
/// models. SPI is connected, and the extension's owner acts. May longjmp.
void allow_tidying(Oid role);
/// Takes that right back from a role that owns no model any more.
void forbid_tidying(Oid role);

}  // namespace leadscore
