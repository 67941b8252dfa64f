/** An expectation cannot be asked of a table as it is; the message says why, as a clause without an end. */
export class InvalidExpectation extends Error {
  override readonly name = "InvalidExpectation"
}
