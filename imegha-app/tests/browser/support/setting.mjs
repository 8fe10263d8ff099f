/** What xtask says in the environment; without it there is nothing to test. */
export function setting(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run these by \`cargo xtask test --only browser\``);
  return value;
}
