// What the world sees of the catalog.

import './events.ts';
import './schema/store.ts';
import './schema/listing.ts';
import './schema/category.ts';
import './schema/image.ts';
import './schema/product-version.ts';
import './schema/product.ts';
import './schema/variant.ts';
