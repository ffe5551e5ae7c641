// Type guards for what of a customer comes out of storage.
import { isInteger, isText, listOf, nullable, objectOf, oneOf, type Shape } from '../../shape.ts';
import type { Customer, CustomerState } from './model.ts';

export const isCustomerState: Shape<CustomerState> = objectOf<CustomerState>({
  customer: nullable(
    objectOf<Customer>({
      sealed: isText,
      terms: listOf(isText),
      fingerprint: isText,
      createdAt: isInteger,
      updatedAt: isInteger,
    }),
  ),
  erasure: oneOf(['none', 'erasing', 'erased']),
});
