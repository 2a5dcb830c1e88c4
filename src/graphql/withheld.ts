// Fields of an object that not all who see it may read. Only root fields refuse: these answer null or nothing instead.
// And fields that show what their readers would not see on any other way.

/** For a nullable field of an object: it is null for those whom its scopes do not let in. */
export const orNull = <Scopes>(authScopes: Scopes) => ({ authScopes, unauthorizedResolver: () => null });

/** For a field that shows its object to all who see the field, whatever the type of the object says: see `ifShown`. */
export const shows = { grantScopes: ['shown'] };

/** For the check of a type whose objects some fields show: `sees(actor, row) || ifShown`. By its id nothing is shown. */
export const ifShown = { $granted: 'shown' };
