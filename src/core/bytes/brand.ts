// Makes two things of one shape different types, so that swapping them does not compile.

declare const brand: unique symbol;

/** `Base` that carries the name `Name` at compile time only. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };
