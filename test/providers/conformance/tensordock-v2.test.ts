import { describeProvider } from './describe-provider.ts';
import { TENSORDOCK_V2_SUBJECT } from './subjects/tensordock-v2.ts';

describeProvider(TENSORDOCK_V2_SUBJECT, { cases: 556 });
